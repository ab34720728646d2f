import { expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

const server = `
import { createServer } from 'node:http'
createServer((_, response) => response.end()).listen(Number(process.env.PORT), '127.0.0.1')
`

test('a server that is tried ends with whoever tries it, even where that is killed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'server-process-'))
  const main = join(folder, 'main.mjs')
  await writeFile(main, server)
  const startsIt = `
    import { startServer } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'server-process.ts')).href)}
    const signal = new AbortController().signal
    const { url } = await startServer({ main: ${JSON.stringify(main)}, environment: {}, timeLimitMs: 30_000, signal })
    console.log(url)
    setInterval(() => undefined, 1000)
  `
  const parent = spawn(process.execPath, ['--no-warnings', '--input-type=module', '--eval', startsIt], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const [url] = (await once(parent.stdout, 'data')).map((chunk) => String(chunk).trim())
  const answers = async (): Promise<boolean> =>
    fetch(`${url}/ready`).then(
      ({ ok }) => ok,
      () => false
    )
  expect(await answers()).toBe(true)
  parent.kill('SIGKILL')
  await once(parent, 'exit')
  for (let tries = 0; tries < 100 && (await answers()); tries++) await sleep(50)
  expect(await answers()).toBe(false)
  await rm(folder, { recursive: true })
})
