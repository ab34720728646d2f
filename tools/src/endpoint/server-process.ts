import { CodedError } from '@fast-mcp/errors'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './free-port.ts'

export interface Stopped {
  /** Exit code; null where a signal ended the process. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** From SIGTERM to the end. */
  readonly ms: number
}

/** A running server of this workspace. Ends with its block (`await using`), by SIGKILL if it must. */
export interface ServerProcess extends AsyncDisposable {
  /** Without a path. */
  readonly url: string
  /** Milliseconds from its start until /ready answered 200. */
  readonly readyMs: number
  /** The last of what it wrote to stdout and stderr. */
  readonly log: () => string
  /** Sends SIGTERM and waits for the end, up to 15 s; then SIGKILL. */
  readonly stop: () => Promise<Stopped>
}

export interface StartOptions {
  /** The built server. */
  readonly main: string
  /** Added to a bare environment: what a shell has set does not change what is tested. */
  readonly environment: Readonly<Record<string, string>>
  readonly timeLimitMs: number
  readonly signal: AbortSignal
}

const logLength = 8000

/** Ends the server when this process is gone, however it went: the channel between the two is closed then. */
const endsWithUs = `data:text/javascript,${encodeURIComponent(
  // its threads load this too, and have no channel
  "import { isMainThread } from 'node:worker_threads'; if (isMainThread) { process.once('disconnect', () => process.kill(process.pid, 'SIGKILL')); process.channel.unref() }"
)}`

/**
 * Starts the built server on a free port of loopback and waits until it is ready. Throws CodedError `step-failed` with
 * its log where it ends or is not ready in time.
 */
export async function startServer(options: StartOptions): Promise<ServerProcess> {
  const { main, environment, timeLimitMs, signal } = options
  const port = await freePort()
  const url = `http://127.0.0.1:${String(port)}`
  const started = performance.now()
  const child = spawn(process.execPath, ['--import', endsWithUs, main], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { PATH: process.env['PATH'], ...environment, HOST: '127.0.0.1', PORT: String(port) }
  })
  let text = ''
  const keep = (chunk: Buffer): void => {
    text = (text + chunk.toString()).slice(-logLength)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  child.on('error', (error) => {
    keep(Buffer.from(error.message))
  })
  try {
    await ready(child, url, started + timeLimitMs, signal)
  } catch (error) {
    await end(child, 'SIGKILL', 0)
    if (signal.aborted) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new CodedError('step-failed', `the server at ${main} ${reason}`, {
      remedy: 'Read its log above; `npx nx run mcp-server:serve` runs it by hand.',
      evidence: text === '' ? 'it wrote no log' : text,
      cause: error
    })
  }
  const readyMs = Math.round(performance.now() - started)
  return {
    url,
    readyMs,
    log: () => text,
    stop: () => end(child, 'SIGTERM', 15_000),
    [Symbol.asyncDispose]: async () => {
      await end(child, 'SIGKILL', 0)
    }
  }
}

async function ready(child: ChildProcess, url: string, until: number, signal: AbortSignal): Promise<void> {
  while (performance.now() < until) {
    signal.throwIfAborted()
    if (hasEnded(child))
      throw new Error(`ended with ${String(child.exitCode ?? child.signalCode)} before it was ready`)
    const answer = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(1000) }).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.status === 200) return
    await sleep(10)
  }
  throw new Error('was not ready in time')
}

async function end(child: ChildProcess, signal: NodeJS.Signals, patienceMs: number): Promise<Stopped> {
  const started = performance.now()
  if (!hasEnded(child)) {
    const gone = once(child, 'exit')
    child.kill(signal)
    const killer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
    await gone
    clearTimeout(killer)
  }
  return { code: child.exitCode, signal: child.signalCode, ms: Math.round(performance.now() - started) }
}

/** Ended, or never started (then it has no process id). */
function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}
