import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { z } from 'zod'

/** A server of the benchmark in a process of its own. */
export interface Contestant extends AsyncDisposable {
  /** Of the endpoint, with its path. */
  readonly url: string
  /** Where its figures are; undefined where it says nothing of them. */
  readonly metricsUrl: string | undefined
  /** Seconds of CPU used so far, to a hundredth. */
  cpuSeconds(): Promise<number>
  /** Memory in RAM. */
  mebibytes(): Promise<number>
}

export interface ContestantOptions {
  readonly program: string
  readonly args: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

const announced = z.object({ url: z.string(), metrics: z.string().optional() })
const ticksPerSecond = 100

/** Starts a server and waits until it prints its URL. Throws where it ends instead. */
export async function start({ program, args, environment = {} }: ContestantOptions): Promise<Contestant> {
  const child = spawn(program, args, {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...environment },
    // logs are written to where nobody reads them: reading them here would cost the load its time
    stdio: ['ignore', 'pipe', 'ignore']
  })
  const { url, metrics: metricsUrl } = await Promise.race([announcement(child), ended(child)])
  child.stdout.resume()
  const pid = String(child.pid)
  return {
    url,
    metricsUrl,
    cpuSeconds: async () => {
      // fields after the name, which may hold blanks: utime and stime are 14 and 15, counted from 1
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
    },
    mebibytes: async () => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8')
      return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    }
  }
}

async function announcement(child: ChildProcess): Promise<z.infer<typeof announced>> {
  if (child.stdout === null) throw new TypeError('stdout is no pipe')
  for await (const line of createInterface(child.stdout)) {
    const parsed = announced.safeParse(json(line))
    if (parsed.success) {
      const { url, ...rest } = parsed.data
      return { ...rest, url: url.endsWith('/mcp') ? url : `${url}/mcp` }
    }
  }
  return new Promise(() => undefined)
}

async function ended(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit')
  throw new Error(`the server ended with ${String(code)} before it listened`)
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
