import { CodedError } from '@fast-mcp/errors'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Engine } from './engine.ts'
import { imageRegistry } from './image-registry.ts'
import { containerRunner, processRunner, type RegistryRunner } from './registry-runner.ts'
import { errorCode } from './system-error.ts'

export type LocalRegistryStatus =
  | { readonly state: 'running'; readonly host: string; readonly pid: number | undefined }
  | { readonly state: 'stopped'; readonly host: string | undefined }

/**
 * An image registry of the workspace on loopback: CNCF Distribution, plain HTTP, its data in `.local/registry`. The
 * port is a free one at the first start and is kept, since what was pushed is named by it.
 */
export interface LocalRegistry {
  /**
   * Starts it unless it runs, and gives its host. It outlives this process.
   * Throws CodedError `port-taken`, `missing-tool`, or `registry-unavailable` with its log where it does not come up.
   */
  start(): Promise<{ readonly host: string }>
  /** Ends it; false where it did not run. What was pushed stays. */
  stop(): Promise<boolean>
  status(): Promise<LocalRegistryStatus>
}

const stateSchema = z.object({
  port: z.number().int().min(1).max(65535),
  pid: z.number().int().positive().optional()
})
type State = z.output<typeof stateSchema>

const startLimitMs = 10_000

/** @param engine runs the registry in a container where this machine has no registry program */
export function localRegistry(workspace: string, engine?: Engine): LocalRegistry {
  const folder = join(workspace, '.local', 'registry')
  const stateFile = join(folder, 'state.json')

  async function readState(): Promise<State | undefined> {
    if (!existsSync(stateFile)) return undefined
    const text = await readFile(stateFile, 'utf8')
    try {
      return stateSchema.parse(JSON.parse(text))
    } catch (error) {
      throw new CodedError('state-invalid', `${stateFile} is not the state of a registry`, {
        evidence: text.slice(0, 500),
        remedy: `Remove it; the registry is then started on another port and what was pushed is pushed again.`,
        cause: error
      })
    }
  }

  async function writeState(state: State): Promise<void> {
    const aside = `${stateFile}.${process.pid}`
    try {
      await writeFile(aside, `${JSON.stringify(state)}\n`)
      await rename(aside, stateFile)
    } catch (error) {
      await rm(aside, { force: true })
      throw error
    }
  }

  /** Ends what runs here and was never written down, since its pipeline was killed first; true where there was any. */
  async function endOrphans(run: RegistryRunner): Promise<boolean> {
    const orphans = await run.orphans()
    await Promise.all(orphans.map((pid) => run.stop(pid)))
    return orphans.length > 0
  }

  function runner(): RegistryRunner {
    const own = processRunner(folder)
    if (own !== undefined) return own
    if (engine !== undefined) return containerRunner(folder, workspace, engine)
    throw new CodedError(
      'missing-tool',
      'there is no registry program (docker-registry or registry) on the PATH',
      {
        remedy: 'Run `make setup`, which installs it or says how to.'
      }
    )
  }

  return {
    async status() {
      const state = await readState()
      if (state === undefined) return { state: 'stopped', host: undefined }
      const host = `127.0.0.1:${state.port}`
      if (!(await runner().isRunning(state.pid))) return { state: 'stopped', host }
      return { state: 'running', host, pid: state.pid }
    },

    async start() {
      await mkdir(join(folder, 'data'), { recursive: true })
      const before = await readState()
      const run = runner()
      if (before !== undefined && (await run.isRunning(before.pid))) {
        const host = `127.0.0.1:${before.port}`
        await untilReady(host, () => run.isRunning(before.pid), join(folder, 'registry.log'))
        return { host }
      }
      if ((await endOrphans(run)) && before !== undefined) await untilFree(before.port)
      const port = before?.port ?? (await choosePort(folder))
      if (!(await isFree(port)))
        throw new CodedError('port-taken', `port ${port}, which the local registry keeps, is in use`, {
          remedy: `End the program that listens there (\`ss -ltnp\`), or remove ${stateFile} to choose another port.`
        })
      const host = `127.0.0.1:${port}`
      const pid = await run.start(port)
      await writeState({ port, ...(pid === undefined ? {} : { pid }) })
      await untilReady(host, () => run.isRunning(pid), join(folder, 'registry.log'))
      return { host }
    },

    async stop() {
      const state = await readState()
      if (state === undefined) {
        const own = processRunner(folder)
        return own !== undefined && (await endOrphans(own))
      }
      const run = runner()
      if (!(await run.isRunning(state.pid))) return endOrphans(run)
      await run.stop(state.pid)
      await untilFree(state.port)
      await writeState({ port: state.port })
      return true
    }
  }
}

async function untilReady(host: string, isRunning: () => Promise<boolean>, log: string): Promise<void> {
  const registry = imageRegistry({ host, insecure: true })
  const end = Date.now() + startLimitMs
  for (;;) {
    try {
      await registry.ping()
      return
    } catch (error) {
      if ((await isRunning()) && Date.now() < end) await sleep(20)
      else
        throw new CodedError('registry-unavailable', `the registry on ${host} does not come up`, {
          evidence: existsSync(log) ? (await readFile(log, 'utf8')).split('\n').slice(-20).join('\n') : '',
          remedy: `Read ${log}, mend what it names and run the command again.`,
          cause: error
        })
    }
  }
}

/**
 * A free port for a registry that has none yet. Below the range from which systems number outgoing connections, so that
 * it is still free when the registry starts again; beginning at a place that differs from workspace to workspace.
 */
async function choosePort(folder: string): Promise<number> {
  const [first, count] = [20_000, 10_000]
  const start = createHash('sha256').update(folder).digest().readUInt32BE()
  for (let step = 0; step < count; step++) {
    const port = first + ((start + step) % count)
    if (await isFree(port)) return port
  }
  throw new CodedError('port-taken', `no port from ${first} to ${first + count - 1} is free`, {
    remedy: 'End some of the programs that listen (`ss -ltnp`).'
  })
}

/** A process that has ended may hold its port a moment longer. A port that stays taken is reported by the next start. */
async function untilFree(port: number): Promise<void> {
  for (const end = Date.now() + 5000; !(await isFree(port)) && Date.now() < end;) await sleep(20)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      if (errorCode(error) === 'EADDRINUSE') resolve(false)
      else reject(error)
    })
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true)
      })
    })
  })
}
