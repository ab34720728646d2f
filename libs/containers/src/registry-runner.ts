import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync } from 'node:fs'
import { open, readdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine } from './engine.ts'

/** One way of running the registry. The process id is undefined where it runs in a container. */
export interface RegistryRunner {
  start(port: number): Promise<number | undefined>
  isRunning(pid: number | undefined): Promise<boolean>
  stop(pid: number | undefined): Promise<void>
  /** Process ids of ours that nobody wrote down: whoever started them was killed before. */
  orphans(): Promise<readonly number[]>
}

const stopLimitMs = 5000

/**
 * Runs the registry as a process in the background; undefined where no registry program is on the PATH, and on anything
 * but Linux, whose /proc tells our process from others.
 */
export function processRunner(folder: string): RegistryRunner | undefined {
  // Debian's package names it docker-registry, upstream registry.
  const program = findProgram('docker-registry') ?? findProgram('registry')
  if (program === undefined || process.platform !== 'linux') return undefined
  const configuration = join(folder, 'config.yml')

  async function isRunning(pid: number | undefined): Promise<boolean> {
    if (pid === undefined) return false
    // The configuration's path among the arguments tells ours from a process that got its number later.
    const file = `/proc/${pid}/cmdline`
    return existsSync(file) && (await readFile(file, 'utf8').catch(() => '')).includes(configuration)
  }

  /** Strictly by the arguments that `start` gives: somebody may just be editing the configuration. */
  async function orphans(): Promise<readonly number[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
    const found = await Promise.all(
      pids.map(async (pid) => {
        const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
        return line.endsWith(`\0serve\0${configuration}\0`) ? [Number(pid)] : []
      })
    )
    return found.flat()
  }

  /** Just after its start a process has no command line yet, and would not be known as ours. */
  async function untilNamed(pid: number | undefined): Promise<void> {
    while (pid !== undefined && !(await isRunning(pid)) && !(await hasEnded(pid))) await sleep(5)
  }

  return {
    isRunning,
    orphans,

    async start(port) {
      await writeFile(configuration, registryConfiguration(`127.0.0.1:${port}`, join(folder, 'data')))
      const log = await open(join(folder, 'registry.log'), 'w')
      try {
        const child = spawn(program, ['serve', configuration], {
          detached: true,
          stdio: ['ignore', log.fd, log.fd],
          cwd: folder
        })
        await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
        child.unref()
        await untilNamed(child.pid)
        return child.pid
      } finally {
        await log.close()
      }
    },

    async stop(pid) {
      if (pid === undefined) return
      process.kill(pid, 'SIGTERM')
      const end = Date.now() + stopLimitMs
      while (!(await hasEnded(pid)) && Date.now() < end) await sleep(20)
      if (await isRunning(pid)) process.kill(pid, 'SIGKILL')
    }
  }
}

/** Runs the registry in a container of the engine. */
export function containerRunner(folder: string, workspace: string, engine: Engine): RegistryRunner {
  const name = `fast-mcp-registry-${createHash('sha256').update(workspace).digest('hex').slice(0, 12)}`
  const image = 'docker.io/library/registry:2'
  return {
    // A container is found by its name.
    orphans: () => Promise.resolve([]),
    async isRunning() {
      return (await engine.inspect(name))?.state === 'running'
    },
    async start(port) {
      const imageId = (await engine.imageId(image)) ?? (await engine.pull(image))
      await engine.remove(name)
      await engine.run({
        name,
        image: imageId,
        publish: { hostPort: port, containerPort: 5000 },
        readOnly: false,
        capDropAll: false,
        mounts: [{ source: join(folder, 'data'), target: '/var/lib/registry', readOnly: false }]
      })
      return undefined
    },
    async stop() {
      await engine.remove(name)
    }
  }
}

// Source: CNCF Distribution, "Configuring a registry". JSON is YAML, and quotes paths.
function registryConfiguration(address: string, data: string): string {
  return `${JSON.stringify({
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: data }, delete: { enabled: true } },
    http: { addr: address }
  })}\n`
}

/**
 * Whether a process has let go of its port. Its command line is gone a moment before; a zombie, which waits for its
 * parent, holds nothing any more. Source: proc_pid_stat(5).
 */
async function hasEnded(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3)
  return state === '' || state === 'Z' || state === 'X'
}

function findProgram(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}
