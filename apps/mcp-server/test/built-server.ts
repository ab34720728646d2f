import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { z } from 'zod'

/** The environment that the image gives to libc. */
export const imageEnvironment = { MALLOC_ARENA_MAX: '1' }

/** What the image starts Node with, before the program. */
export const nodeOptions: readonly string[] = z
  .tuple([z.literal('node')], z.string())
  .parse(
    JSON.parse(
      /^ENTRYPOINT (\[.*\])$/m.exec(
        readFileSync(resolve(import.meta.dirname, '../Dockerfile'), 'utf8')
      )?.[1] ?? ''
    )
  )
  .slice(1, -1)

/** The bundle that `nx run mcp-server:build` makes; the sample registry lies beside it. */
export const bundle = resolve(import.meta.dirname, '../../../dist/apps/mcp-server/main.js')

const readyLine = z.object({ msg: z.literal('ready'), url: z.string(), readyMs: z.number() })

export interface BuiltServer extends AsyncDisposable {
  /** Without a path. */
  readonly url: string
  /** From the start of the process to the moment it takes requests, as seen from outside. */
  readonly readyMs: number
  readonly pid: number
  /** All of stdout so far. */
  stdout(): string
  /** Leaves what it writes to stdout from now on in the pipe, or closes the pipe. */
  stopReading(reader: 'waits' | 'gone'): void
  signal(name: NodeJS.Signals): void
  /** Resolves when the process has ended, with its exit code; null where a signal ended it. */
  readonly exited: Promise<number | null>
}

/** Starts the bundle on a free port of loopback, with only these variables besides. Throws where it ends instead. */
export async function startBuiltServer(
  environment: Readonly<Record<string, string>> = {}
): Promise<BuiltServer> {
  const started = performance.now()
  const child = spawnBundle([], { PORT: '0', ...imageEnvironment, ...environment })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const exited = once(child, 'exit').then(([code]) => z.number().nullable().parse(code))
  const ready = await new Promise<z.infer<typeof readyLine>>((resolve, reject) => {
    child.stdout.on('data', () => {
      for (const line of text.split('\n').slice(0, -1)) {
        const parsed = readyLine.safeParse(JSON.parse(line))
        if (parsed.success) resolve(parsed.data)
      }
    })
    void exited.then((code) => {
      reject(new Error(`the server ended with ${String(code)} before it was ready: ${text}`))
    })
  })
  const readyMs = performance.now() - started
  return {
    url: new URL(ready.url).origin,
    readyMs,
    pid: child.pid ?? 0,
    stdout: () => text,
    stopReading: (reader) => {
      if (reader === 'waits') child.stdout.pause()
      else child.stdout.destroy()
    },
    signal: (name) => {
      child.kill(name)
    },
    exited,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await exited
    }
  }
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly milliseconds: number
}

/** Runs the bundle until it ends by itself. */
export async function runBundle(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {}
): Promise<Ended> {
  const started = performance.now()
  const child = spawnBundle(args, environment)
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString('utf8')))
  const [code] = await once(child, 'close')
  return { code: z.number().nullable().parse(code), ...output, milliseconds: performance.now() - started }
}

function spawnBundle(
  args: readonly string[],
  environment: Readonly<Record<string, string>>
): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, [...nodeOptions, bundle, ...args], {
    cwd: '/',
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe']
  })
}
