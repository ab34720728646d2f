import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import axe from 'axe-core'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import { failedPhase, reportData, runningStatus, version } from '../../test/report-data.ts'
import { page } from './page.ts'
import type { ReportData } from './report-data.ts'

/** Debian's package, or what else is on the PATH. Nothing is installed for this test. */
const program = ['/usr/bin', ...(process.env['PATH'] ?? '').split(delimiter)]
  .flatMap((folder) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)))
  .find((path) => existsSync(path))

const output = fileURLToPath(new URL('../../../dist/test/tools-integration/report/', import.meta.url))

const base = reportData()
const oneTaskDown: ReportData =
  runningStatus.deployment.state === 'not-deployed'
    ? base
    : reportData({
        status: {
          ...runningStatus,
          deployment: {
            ...runningStatus.deployment,
            state: 'unhealthy',
            problems: ['1 of 2 tasks are healthy']
          }
        }
      })
const earlierServes =
  runningStatus.deployment.state === 'not-deployed'
    ? undefined
    : {
        ...runningStatus,
        current: false,
        deployment: { ...runningStatus.deployment, history: runningStatus.deployment.history.slice(1) }
      }
const log = Array.from({ length: 12 }, (_, line) => `{"level":"error","message":"line ${String(line)}"}`)
const pages: readonly (readonly [name: string, data: ReportData, answer: RegExp])[] = [
  ['live', base, /^1a2b3c4 is live$/],
  ['live-with-a-task-down', oneTaskDown, /^1a2b3c4 is live$/],
  [
    'rollout-failed',
    reportData({
      status: earlierServes,
      phases: {
        ...base.phases,
        deploy: failedPhase(
          'deploy',
          'deploy.service-running',
          `version 1a2b3c4 did not become healthy: it ended at once\n${log.join('\n')}`
        )
      }
    }),
    /^1a2b3c4 is not live$/
  ],
  [
    'fresh-clone',
    reportData({
      version: { ...version, dirty: true },
      phases: {
        app: { state: 'missing' },
        build: { state: 'missing' },
        catalog: { state: 'missing' },
        deploy: { state: 'missing' }
      },
      coverage: [],
      live: undefined,
      status: undefined
    }),
    /^1a2b3c4-dirty is not live$/
  ]
]
const sizes = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } } as const
const cases = pages.flatMap(([name, data, answer]) =>
  (['light', 'dark'] as const).flatMap((scheme) =>
    (['wide', 'narrow'] as const).map((size) => [name, scheme, size, data, answer] as const)
  )
)

if (program === undefined) {
  test.skip('the report in a browser: no chromium on this machine (Debian: apt-get install chromium)', () =>
    undefined)
} else {
  describe('the report in a browser', () => {
    let browser: Browser
    let folder: string

    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] })
      folder = await mkdtemp(join(tmpdir(), 'picture-'))
      await mkdir(output, { recursive: true })
    })

    afterAll(async () => {
      await browser.close()
      await rm(folder, { recursive: true, force: true })
    })

    test.each(cases)('%s, %s and %s', async (name, scheme, size, data, answer) => {
      const style = await readFile(new URL('style.css', import.meta.url), 'utf8')
      const file = join(folder, `${name}.html`)
      await writeFile(file, page(data, style))
      // The page forbids every script; axe is let in past that, for the test alone.
      const context = await browser.newContext({
        viewport: sizes[size],
        colorScheme: scheme,
        bypassCSP: true
      })
      const asked: string[] = []
      context.on('request', (request) => asked.push(request.url()))
      const shown = await context.newPage()
      await shown.goto(pathToFileURL(file).href)
      await shown.screenshot({ path: join(output, `${name}-${scheme}-${size}.png`) })

      expect(asked).toEqual([pathToFileURL(file).href])
      expect((await shown.locator('h1').innerText()).trim()).toMatch(answer)
      for (const what of ['h1', '.reason', '.rail'])
        expect(await isOnFirstScreen(shown, what, sizes[size].height)).toBe(true)
      const width = await shown.evaluate('document.documentElement.scrollWidth')
      expect(width).toBeLessThanOrEqual(sizes[size].width)
      expect(await violations(shown)).toEqual([])
      await context.close()
    })
  })
}

async function isOnFirstScreen(shown: Page, selector: string, height: number): Promise<boolean> {
  const box = await shown.locator(selector).first().boundingBox()
  return box !== null && box.y >= 0 && box.y < height
}

/** What axe finds, as rule and element. */
async function violations(shown: Page): Promise<readonly string[]> {
  await shown.addScriptTag({ content: axe.source })
  const found: unknown = await shown.evaluate(
    'axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html)))'
  )
  if (!Array.isArray(found)) throw new TypeError('axe gave no list')
  return found.map(String)
}
