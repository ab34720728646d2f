import type { CheckRow, Phase } from '@fast-mcp/validation'
import { describe, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import {
  endpointReport,
  failedPhase,
  passedPhase,
  phaseRecord,
  reportData,
  runningStatus,
  version
} from '../../test/report-data.ts'
import { formatBytes, formatMs, formatTime, shortDigest } from './figures.ts'
import { html } from './html.ts'
import { page } from './page.ts'
import type { PhaseState, ReportData } from './report-data.ts'
import type { RunningStatus } from './running-status.ts'
import { position } from './sections/latency.ts'
import { verdictOf } from './verdict.ts'

function withPhase(phase: Phase, state: PhaseState): ReportData {
  const data = reportData()
  return { ...data, phases: { ...data.phases, [phase]: state } }
}

const other = { ...version, sha: '9f8e7d6', fullSha: '9'.repeat(40) }
const otherCommit: PhaseState = {
  state: 'other-commit',
  record: phaseRecord('catalog', { version: other }),
  details: {}
}
const interrupted = phaseRecord('deploy', { passed: false, checks: [] })

describe('the verdict', () => {
  test('is live where all phases passed and the endpoint serves the commit', () => {
    expect(verdictOf(reportData())).toEqual({
      live: true,
      headline: '1a2b3c4 is live',
      reason: 'All four phases passed, and the endpoint serves this commit now.',
      remedy: undefined,
      instead: undefined,
      warnings: []
    })
  })

  test('says what is wrong though the commit is live', () => {
    const { deployment } = runningStatus
    if (deployment.state === 'not-deployed') throw new TypeError('it is deployed')
    const status: RunningStatus = {
      ...runningStatus,
      deployment: { ...deployment, state: 'unhealthy', problems: ['1 of 2 tasks are healthy'] }
    }
    const data = reportData({ status })
    expect(verdictOf(data)).toMatchObject({ live: true, warnings: ['1 of 2 tasks are healthy'] })
    expect(page(data, '')).toContain('<b>But:</b> 1 of 2 tasks are healthy.')
  })

  const down = {
    ...endpointReport,
    passed: false,
    steps: [
      {
        id: 'version',
        group: 'version' as const,
        title: 'The endpoint serves the expected commit',
        passed: false,
        evidence: 'connect ECONNREFUSED\nmore',
        ms: 1
      }
    ]
  }
  test.each<readonly [string, ReportData, string, string]>([
    [
      'a phase has not run',
      withPhase('build', { state: 'missing' }),
      'Phase build has not run.',
      'Run make full.'
    ],
    [
      'a record is unreadable',
      withPhase('app', { state: 'unreadable', problem: 'It is cut off.' }),
      'The record of phase app cannot be read. It is cut off.',
      'Run make app.'
    ],
    [
      'a phase ran for another commit',
      withPhase('catalog', otherCommit),
      'Phase catalog last ran for 9f8e7d6.',
      'Run make full.'
    ],
    [
      'a check failed',
      withPhase('build', failedPhase('build', 'build.size', '1.2 GB\n of which')),
      'Phase build failed at “The image is smaller than 1 GB”: 1.2 GB',
      'Mend build.size.'
    ],
    [
      'a phase was interrupted',
      withPhase('deploy', { state: 'failed', record: interrupted, details: {} }),
      'Phase deploy was interrupted.',
      'Run make deploy.'
    ],
    [
      'it was destroyed since',
      reportData({ live: undefined }),
      'All four phases passed, but nothing is deployed any more.',
      'Run make deploy.'
    ],
    [
      'the endpoint cannot be asked',
      reportData({ live: 'MCP_ENDPOINT is not there' }),
      'All four phases passed, but the endpoint cannot be asked. MCP_ENDPOINT is not there',
      'Run make status.'
    ],
    [
      'the endpoint does not answer',
      reportData({ live: { url: endpointReport.url, steps: down.steps } }),
      'All four phases passed, but the endpoint does not answer as it should now: The endpoint serves the expected commit. connect ECONNREFUSED',
      'Run make status.'
    ]
  ])('is not live where %s', (_, data, reason, remedy) => {
    expect(verdictOf(data)).toEqual({
      live: false,
      headline: '1a2b3c4 is not live',
      reason,
      remedy,
      instead: undefined,
      warnings: []
    })
  })

  test('says what serves in its place', () => {
    const data = withPhase('build', { state: 'missing' })
    const elsewhere = { ...data, status: { ...runningStatus, current: false } }
    expect(verdictOf(elsewhere).instead).toBe(
      '1a2b3c4 serves in its place, healthy, deployed 2 Jan 2026, 03:13 UTC.'
    )
    expect(page(elsewhere, '')).toContain('<p class="instead">1a2b3c4 serves in its place')
  })

  test('names the first phase that is at fault', () => {
    const data = withPhase('build', { state: 'missing' })
    const both = { ...data, phases: { ...data.phases, app: failedPhase('app', 'app.lint', 'x') } }
    expect(verdictOf(both).reason).toContain('Phase app failed')
  })

  test('says that the tree is dirty', () => {
    expect(verdictOf(reportData({ version: { ...version, dirty: true } })).headline).toBe(
      '1a2b3c4-dirty is live'
    )
  })
})

describe('the page', () => {
  const text = page(reportData(), 'body { color: red }')

  test('says first whether the commit is live', () => {
    expect(text).toContain('<title>1a2b3c4 is live</title>')
    expect(text.indexOf('<h1>')).toBeLessThan(text.indexOf('<h2'))
    expect(text).toContain('href="https://localhost:8443/mcp"')
  })

  test('loads nothing and runs nothing', () => {
    expect(text).not.toMatch(/<script|<link|<img|<iframe|\bsrc=|@import|url\(|\son\w+=/)
    expect(text).toContain("default-src 'none'")
    expect(text).toContain('body { color: red }')
  })

  test('has every check with its evidence, in words too', () => {
    expect(text).toContain('<code>build.size</code>')
    expect(text).toContain('what was seen of build.size')
    expect(text).toContain('<span class="hidden">not applicable</span>')
  })

  test('has phases, coverage, layers, latency and what runs where', () => {
    for (const id of ['app', 'build', 'catalog', 'deploy', 'running', 'latency', 'image', 'coverage'])
      expect(text).toContain(`<section id="${id}" aria-labelledby="${id}-title">`)
    expect(text).toContain('132 MB unpacked, 51.2 MB in the registry, in 2 layers.')
    expect(text).toContain('88.3 %')
    expect(text).toContain('not measured')
    expect(text).toContain('127.0.0.1:41001')
    expect(text).toMatch(/slowest\s+412 ms/)
  })

  test('opens every element it closes', () => {
    const empty = new Set(['meta', '!doctype'])
    const stack: string[] = []
    for (const [, slash, name = '', rest = ''] of text.matchAll(/<(\/?)([a-z!][a-z0-9]*)([^>]*)>/gi)) {
      if (empty.has(name.toLowerCase()) || rest.endsWith('/')) continue
      if (slash === '') stack.push(name)
      else expect(stack.pop()).toBe(name)
    }
    expect(stack).toEqual([])
  })

  test('has each id once', () => {
    const ids = [...text.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1])
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('leaves out what is not known', () => {
    const nothing = { state: 'missing' } as const
    const bare = page(
      reportData({
        phases: { app: nothing, build: nothing, catalog: nothing, deploy: nothing },
        coverage: [],
        live: undefined,
        status: undefined
      }),
      ''
    )
    for (const id of ['running', 'latency', 'image']) expect(bare).not.toContain(`id="${id}"`)
    expect(bare).toContain('1a2b3c4 is not live')
    expect(bare).toContain('It has not run: there is no record.')
  })

  test('shows a failed check first, with all of its evidence and what to do', () => {
    const failed = page(
      withPhase('build', failedPhase('build', 'build.size', '1.2 GB\n  of which 1.1 GB')),
      ''
    )
    expect(failed).toContain('<pre>1.2 GB\n  of which 1.1 GB</pre>')
    expect(failed.indexOf('<section id="build"')).toBeLessThan(failed.indexOf('<section id="running"'))
    expect(failed.indexOf('<code>build.size</code>')).toBeLessThan(failed.indexOf('<code>build.image</code>'))
    expect(failed).toContain('1 failed, 14 not run, 5 passed')
  })

  test('says which phase is of another commit, which record is unreadable, and what took and made what', () => {
    const data = withPhase('catalog', otherCommit)
    const input = {
      name: 'archive',
      kind: 'file' as const,
      location: 'dist/a.tar',
      digest: `sha256:${'d'.repeat(64)}`
    }
    const phases = {
      ...data.phases,
      app: { state: 'unreadable', problem: 'it is cut off' } as const,
      build: passedPhase('build', { inputs: [input] })
    }
    const shown = page({ ...data, phases }, '')
    expect(shown).toContain('This is not the commit of this report.')
    expect(shown).toContain('it is cut off')
    expect(shown).toContain('<code>dist/a.tar</code>')
    expect(shown).toContain('>dddddddddddd<')
  })

  test('folds long evidence', () => {
    const row: CheckRow = {
      id: 'app.lint',
      title: 'Lint',
      status: 'passed',
      evidence: `${'x'.repeat(300)}`,
      durationMs: 5
    }
    const folded = page(withPhase('app', passedPhase('app', { checks: [row] })), '')
    expect(folded).toContain(`<summary>${'x'.repeat(160)}…</summary>`)
    expect(folded).toContain(`<pre>${'x'.repeat(300)}</pre>`)
  })

  test('never takes evidence for HTML', () => {
    const evil = `<script>alert("1")</script> & 'x'`
    const shown = page(withPhase('build', failedPhase('build', 'build.size', evil)), '')
    expect(shown).not.toContain('<script')
    expect(shown).toContain('&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62; &#38; &#39;x&#39;')
  })
})

test('the style needs nothing from elsewhere and knows light and dark, wide and narrow', async () => {
  const style = await readFile(new URL('style.css', import.meta.url), 'utf8')
  expect(style).not.toMatch(/url\(|@import|<\//)
  expect(style).toContain('prefers-color-scheme: dark')
  expect(style).toContain('max-width: 46rem')
})

describe('templates', () => {
  test('escape text, keep HTML, join lists and leave out undefined', () => {
    const inner = html`<b>${'a<b'}</b>`
    expect(html`<p title="${'"'}">${inner}${[inner, ' ', 1]}${undefined}</p>`.toString()).toBe(
      '<p title="&#34;"><b>a&#60;b</b><b>a&#60;b</b> 1</p>'
    )
  })
})

describe('figures', () => {
  test.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [51_240_000, '51.2 MB'],
    [131_500_000, '132 MB'],
    [2_000_000_000, '2.0 GB']
  ])('%p bytes read %p', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  test.each([
    [0.42, '0.4 ms'],
    [48.2, '48 ms'],
    [1400, '1.4 s']
  ])('%p ms read %p', (ms, text) => {
    expect(formatMs(ms)).toBe(text)
  })

  test('a time is in UTC, a digest short', () => {
    expect(formatTime(new Date('2026-01-02T03:04:05Z'))).toBe('2 Jan 2026, 03:04 UTC')
    expect(shortDigest(`sha256:${'ab'.repeat(32)}`)).toBe('abababababab')
  })

  test.each([
    [0, '0.00'],
    [1, '0.00'],
    [2000, '100.00'],
    [9000, '100.00']
  ])('%p ms stand at %p percent of the scale', (ms, percent) => {
    expect(position(ms)).toBe(percent)
  })
})
