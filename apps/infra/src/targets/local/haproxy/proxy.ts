import { spawn } from 'node:child_process'
import { access, constants, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CodedError } from '@fast-mcp/errors'
import { writeAtomically } from '@fast-mcp/validation'
import { errorCode } from '../../../error-code.ts'
import { readIfThere } from '../../../read-if-there.ts'
import type { DeploymentPaths } from '../deployment-paths.ts'
import { requireFreePort } from '../port-owner.ts'
import { ProxyAdmin, type ProxyInfo } from './admin.ts'
import { proxyConfig, type ProxySettings, type Slot } from './config.ts'

const startLimitMs = 5000

/**
 * The load balancer of a workspace: one HAProxy process that outlives this one. What is running is asked of its admin
 * socket, so a lost state file changes nothing.
 */
export class Proxy {
  readonly admin: ProxyAdmin
  readonly #paths: DeploymentPaths

  constructor(paths: DeploymentPaths) {
    this.#paths = paths
    this.admin = new ProxyAdmin(paths.proxySocket)
  }

  /** The running process, undefined where there is none or it does not answer. */
  async info(): Promise<ProxyInfo | undefined> {
    return this.admin.info().catch((error: unknown) => {
      if (error instanceof CodedError) return undefined
      throw error
    })
  }

  /**
   * Makes sure that HAProxy runs with these settings: `kept`, `started` where there was none, `reloaded` without
   * losing a request where the settings changed. `slots` is what it serves when it is started or reloaded.
   *
   * Throws CodedError `port-taken`, `missing-tool`, or `step-failed` with its log where it does not come up.
   */
  async ensure(settings: ProxySettings, slots: readonly Slot[]): Promise<'kept' | 'started' | 'reloaded'> {
    const running = await this.info()
    const present = await readIfThere(this.#paths.proxyConfig)
    // Without its configuration nobody knows what it serves or where.
    const before = present === undefined && (await this.stop()) ? undefined : running
    const wanted = proxyConfig(settings, slots)
    if (before !== undefined && present !== undefined && withoutSlots(present) === withoutSlots(wanted))
      return 'kept'
    // One that is there and does not answer would hold the port.
    if (running === undefined) await this.stop()
    if (before === undefined || present?.includes(`127.0.0.1:${settings.httpsPort} ssl`) !== true)
      await requireFreePort(settings.httpsPort, 'LOCAL_HTTPS_PORT')
    await this.#replace(wanted, before)
    return before === undefined ? 'started' : 'reloaded'
  }

  /** Starts it from a file aside, which takes its place once it runs: until then what runs is what is written there. */
  async #replace(config: string, before: ProxyInfo | undefined): Promise<void> {
    const next = `${this.#paths.proxyConfig}.next`
    await writeAtomically(next, config)
    try {
      await this.#start(next, before)
      await rename(next, this.#paths.proxyConfig)
    } finally {
      await rm(next, { force: true })
    }
  }

  /** Writes down what it serves now, for the next start; the running process is not touched. */
  async save(settings: ProxySettings, slots: readonly Slot[]): Promise<void> {
    await writeAtomically(this.#paths.proxyConfig, proxyConfig(settings, slots))
  }

  /** Puts the certificate that lies in the settings' file into use. */
  async replaceCertificate({ leaf }: Pick<ProxySettings, 'leaf'>): Promise<void> {
    await this.admin.replaceCertificate(leaf, await readFile(leaf, 'utf8'))
  }

  /** Ends the process; false where none ran. */
  async stop(): Promise<boolean> {
    const pid = (await this.info())?.pid ?? (await this.#orphan())
    if (pid !== undefined) await end(pid)
    // Last: they are how a process is found by the next one that tries, should this one be killed here.
    await rm(this.#paths.proxyPid, { force: true })
    await rm(this.#paths.proxySocket, { force: true })
    return pid !== undefined
  }

  async #start(config: string, before: ProxyInfo | undefined): Promise<void> {
    const { proxyLog, proxySocket, proxyPid } = this.#paths
    const program = await findHaproxy()
    await requireOwnFolder(dirname(proxySocket))
    await mkdir(dirname(proxyLog), { recursive: true })
    const log = await open(proxyLog, 'a')
    const logStart = (await log.stat()).size
    const takeOver = before === undefined ? [] : ['-x', proxySocket, '-sf', String(before.pid)]
    const child = spawn(program, ['-db', '-f', config, ...takeOver], {
      detached: true,
      stdio: ['ignore', log.fd, log.fd]
    })
    const ended = new Promise<void>((resolve) => child.once('exit', resolve).once('error', resolve))
    let running = true
    void ended.then(() => (running = false))
    try {
      const end = performance.now() + startLimitMs
      while (running && performance.now() < end && (await this.info())?.pid !== child.pid) await sleep(10)
      if (!running || (await this.info())?.pid !== child.pid) {
        child.kill('SIGKILL')
        throw new CodedError('step-failed', `${program} did not come up within ${startLimitMs / 1000} s`, {
          evidence: (await readFile(proxyLog)).subarray(logStart).toString('utf8').slice(-4000),
          remedy: 'Mend what HAProxy names above and run `make deploy` again.'
        })
      }
      await writeAtomically(proxyPid, `${child.pid}\n`)
      child.unref()
    } finally {
      await log.close()
    }
  }

  /** A process of ours that does not answer on the socket. */
  async #orphan(): Promise<number | undefined> {
    const pid = Number(await readIfThere(this.#paths.proxyPid))
    if (!Number.isInteger(pid) || pid <= 1) return undefined
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    return command.includes(this.#paths.proxyConfig) ? pid : undefined
  }
}

function withoutSlots(config: string): string {
  return config.replace(/^ {4}server .*\n/gm, (line) => `${line.split(' ')[5] ?? ''}\n`)
}

async function end(pid: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!send(pid, signal)) return
    const limit = performance.now() + startLimitMs
    while (performance.now() < limit && send(pid, 0)) await sleep(10)
  }
}

/** Sends a signal; false where there is no such process. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false
    throw error
  }
}

/** The socket's folder: ours, and for nobody else where it lies outside the workspace. */
async function requireOwnFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { uid } = await stat(folder)
  if (process.getuid !== undefined && uid !== process.getuid())
    throw new CodedError('step-failed', `${folder} belongs to another user (${uid})`, {
      remedy: 'Remove it, or move the workspace to a folder with a shorter path.'
    })
}

/** Path of haproxy: on the PATH, or where Debian puts it. Throws CodedError `missing-tool`. */
export async function findHaproxy(path = process.env['PATH'] ?? ''): Promise<string> {
  for (const folder of [...path.split(delimiter), '/usr/sbin', '/usr/local/sbin']) {
    if (folder === '') continue
    const candidate = join(folder, 'haproxy')
    if (
      await access(candidate, constants.X_OK).then(
        () => true,
        () => false
      )
    )
      return candidate
  }
  throw new CodedError('missing-tool', 'haproxy is not installed', {
    remedy: 'Run `make setup`, which installs it or says how to.'
  })
}
