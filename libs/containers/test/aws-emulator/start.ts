import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** An AWS account that is none: moto with the overrides beside this file. Its one account is 123456789012. */
export interface AwsEmulator {
  readonly url: string
  /** Variables that send every AWS client of a process there. */
  readonly variables: Readonly<Record<string, string>>
  /** What it logged. */
  log(): string
  stop(): Promise<void>
}

const startLimitMs = 60_000

/** Starts it on a free port of loopback with the Python of `pythonEnvironment`. */
export async function startEmulator(bin: string): Promise<AwsEmulator> {
  const port = await freePort()
  const child = spawn(join(bin, 'python'), [join(import.meta.dirname, 'emulator.py'), String(port)], {
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let log = ''
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const url = `http://127.0.0.1:${port}`
  const end = Date.now() + startLimitMs
  for (;;) {
    const answer = await fetch(`${url}/moto-api/data.json`).catch(() => undefined)
    if (answer?.ok === true) break
    if (child.exitCode !== null || Date.now() > end) throw new Error(`the emulator does not start: ${log}`)
    await sleep(100)
  }
  return {
    url,
    variables: {
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: 'emulated',
      AWS_SECRET_ACCESS_KEY: 'emulated',
      AWS_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true'
    },
    log: () => log,
    async stop() {
      if (child.exitCode !== null) return
      const closed = once(child, 'close')
      child.kill('SIGTERM')
      await closed
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
