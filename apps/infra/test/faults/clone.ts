import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, glob, mkdir, readdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { findEngine, localRegistry, type Engine } from '@fast-mcp/containers'
import { readPipelineEnvironment, readRecord } from '@fast-mcp/validation'
import { readVersion } from '@fast-mcp/versioning'
import { deploymentPaths, type DeploymentPaths } from '../../src/targets/local/deployment-paths.ts'
import { Proxy } from '../../src/targets/local/haproxy/proxy.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import { readState } from '../../src/targets/local/state.ts'
import { isAlive } from '../../src/targets/local/tasks/task.ts'
import { askEndpoint } from '../ask-endpoint.ts'
import { commit } from '../git-workspace.ts'
import type { Ground, Outcome } from './attempt.ts'
import { mountsBelow, processesIn } from './clone-traces.ts'

const run = promisify(execFile)

/** Variables of the server, which the template hands to its tasks. */
export type Configuration = Readonly<Record<string, string>>

/** A run of the pipeline that is under way. Its process leads a process group of its own. */
export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Outcome>
  /** True as soon as what it says matches, false where it ends without. */
  readonly says: (pattern: RegExp) => Promise<boolean>
}

/** Sizes of the two file systems that can be filled. */
const sizes = { workspace: '3500m', images: '1500m' } as const

/** A run that takes longer hangs. */
const longestMs = 300_000

/**
 * A clone of this repository in which `make full` runs as a person runs it, with the container engine, the load
 * balancer and the registry of its own, on a small file system of its own, its image store on another.
 */
export class Clone implements Ground {
  readonly folder: string
  readonly port: number
  readonly paths: DeploymentPaths
  /** Full SHAs that passed phases app, build and catalog. */
  readonly tested = new Set<string>()
  configuration: Configuration
  readonly #parent: string
  readonly #groups = new Set<number>()

  private constructor(parent: string, port: number, configuration: Configuration) {
    this.#parent = parent
    this.folder = join(parent, 'clone')
    this.port = port
    this.paths = deploymentPaths(this.folder)
    this.configuration = configuration
  }

  /** The clone in a folder, as an earlier program left it; else a new one of a repository, with its HEAD live. */
  static async open(parent: string, port: number, configuration: Configuration): Promise<Clone> {
    const clone = new Clone(parent, port, configuration)
    const { folder } = clone
    if (!existsSync(folder)) {
      await mkdir(parent, { recursive: true })
      await run('mount', ['-t', 'tmpfs', '-o', `size=${sizes.workspace},mode=755`, 'tmpfs', parent])
      await run('git', ['clone', '--quiet', process.cwd(), folder])
      // of the workspace, and of the projects that need another version of something
      for await (const modules of glob('{.,apps/*,libs/*,tools}/node_modules'))
        await cp(modules, join(folder, modules), { recursive: true, verbatimSymlinks: true })
      const store = join(folder, '.local/containers')
      await mkdir(store, { recursive: true })
      await run('mount', ['-t', 'tmpfs', '-o', `size=${sizes.images},mode=700`, 'tmpfs', store])
    }
    const isNew = !existsSync(clone.paths.state)
    const { code, text } = isNew ? await clone.run() : { code: 0, text: '' }
    if (code !== 0) throw new Error(`the clone cannot be brought up: ${text}`)
    const wrong = await clone.violations()
    if (wrong.length > 0) throw new Error(`the clone is not well: ${wrong.join('\n')}`)
    return clone
  }

  /** Starts `make` with a target. */
  start(variables: Readonly<Record<string, string>> = {}, target = 'full'): Running {
    const started = performance.now()
    const child = spawn('make', [target], {
      cwd: this.folder,
      env: {
        PATH: outsidePath(process.env['PATH'] ?? ''),
        HOME: process.env['HOME'],
        LOCAL_HTTPS_PORT: String(this.port),
        NX_DAEMON: 'false',
        SERVER_ENVIRONMENT: JSON.stringify(this.configuration),
        ...variables
      },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe']
    })
    if (child.pid !== undefined) this.#groups.add(child.pid)
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part: string) => (text += part))
    let hung = false
    const limit = setTimeout(() => {
      hung = true
      text += `\nit was stopped after ${longestMs / 1000} s`
      killGroup(child.pid)
    }, longestMs)
    const ended = once(child, 'exit').then(async () => {
      clearTimeout(limit)
      await sleep(100)
      await this.#noteTested()
      return { code: child.exitCode ?? (hung ? 1 : undefined), text, ms: performance.now() - started }
    })
    const says = async (pattern: RegExp): Promise<boolean> => {
      while (child.exitCode === null && child.signalCode === null) {
        if (pattern.test(text)) return true
        await sleep(10)
      }
      return false
    }
    return { child, ended, says }
  }

  run(variables?: Readonly<Record<string, string>>, target?: string): Promise<Outcome> {
    return this.start(variables, target).ended
  }

  /** The next run has to roll out: the server is configured in another way. */
  reconfigure(): void {
    const now = Number(this.configuration['SHUTDOWN_SECONDS'] ?? 40)
    this.configuration = { SHUTDOWN_SECONDS: String(now >= 44 ? 41 : now + 1) }
  }

  /** The next run has to build, push and roll out: HEAD is another commit. */
  async commit(): Promise<void> {
    await commit(this.folder, 'one more')
  }

  async mend(met: Outcome): Promise<number> {
    if (met.code === 0 && (await this.violations()).length === 0) return 0
    let last = met
    for (let runs = 1; runs <= 4; runs++) {
      last = await this.run()
      if (last.code === 0) return runs
      if (!last.text.includes('what to do:')) break
      await this.#follow(last.text)
    }
    throw new Error(`the pipeline does not complete: exit code ${last.code}\n${last.text}`)
  }

  async violations(): Promise<readonly string[]> {
    const { folder, paths } = this
    const { fullSha } = await readVersion(folder)
    const served = await this.ask().catch(String)
    const status = await this.#target().status()
    const environment = (await readState(paths.state))?.history[0].description.task.environment ?? {}
    const configured = Object.entries(this.configuration).every(
      ([name, value]) => environment[name] === value
    )
    const containers = await (await this.engine()).list({ labels: {} })
    const mounts = (await mountsBelow(folder)).filter((path) => /\/(?:merged|shm)$/.test(path))
    const names = [
      ...(await readdir(paths.folder, { recursive: true })),
      ...(await readdir(join(folder, 'dist/phases')))
    ]
    const strangers = await this.#strangers()
    return [
      ...(served === fullSha ? [] : [`${served} is served, HEAD is ${fullSha}`]),
      ...(configured ? [] : ['what is served is not configured as it should be']),
      ...(status.state === 'healthy' ? [] : [`status: ${JSON.stringify(status)}`]),
      ...(containers.length === 2
        ? []
        : [`containers: ${containers.map(({ name, state }) => `${name} ${state}`).join(', ')}`]),
      ...(mounts.length === 2 * containers.length ? [] : [`mounts: ${mounts.join(', ')}`]),
      ...strangers.map((what) => `still runs: ${what}`),
      ...(existsSync(join(folder, '.local/lock.json')) ? ['the lock is still there'] : []),
      ...names.filter((name) => name.endsWith('.tmp')).map((name) => `${name} was left behind`)
    ]
  }

  /** The commit that the endpoint says it serves. */
  async ask(): Promise<string> {
    const { status, revision } = await askEndpoint(this.paths, this.port, '/health')
    return status === 200 ? revision : `status ${status}`
  }

  engine(): Promise<Engine> {
    return findEngine(this.folder, {})
  }

  /** Process ids of the tasks, as the state has them. */
  async tasks(): Promise<readonly number[]> {
    return ((await readState(this.paths.state))?.tasks ?? []).map(({ pid }) => pid ?? 0)
  }

  /** Process id of the load balancer. */
  async balancer(): Promise<number> {
    return (await new Proxy(this.paths).info())?.pid ?? 0
  }

  /** Process id of the registry. */
  async registry(): Promise<number> {
    const status = await localRegistry(this.folder).status()
    return status.state === 'running' ? (status.pid ?? 0) : 0
  }

  /** Cuts a file off in the middle, or changes it. */
  async damage(name: string, how: 'truncated' | 'edited'): Promise<void> {
    const path = join(this.folder, name)
    const bytes = await readFile(path)
    const half = Math.floor(bytes.length / 2)
    if (how === 'truncated') return writeFile(path, bytes.subarray(0, half))
    const edited = bytes.length < 1e6 ? bytes.toString('latin1').replaceAll(/[0-9a-f]{12}/g, 'x') : ''
    return writeFile(path, edited === '' ? bytes.fill('x', half, half + 64) : Buffer.from(edited, 'latin1'))
  }

  /** Leaves no room on a file system; `undo` makes room again. */
  async fill(which: keyof typeof sizes): Promise<() => Promise<void>> {
    const path = which === 'workspace' ? this.#parent : join(this.folder, '.local/containers')
    const resize = (size: string): Promise<unknown> => run('mount', ['-o', `remount,size=${size}`, path])
    for (let attempt = 0; ; attempt++) {
      const { blocks, bfree, bsize } = await statfs(path)
      const full = `${((blocks - bfree) * bsize) / 1024}k`
      try {
        await resize(full)
        break
      } catch (error) {
        // It grew meanwhile.
        if (attempt === 20) throw error
      }
    }
    return async () => {
      await resize(sizes[which])
    }
  }

  /** A folder to put before the PATH in which a program does something else. */
  async instead(program: string, script: string): Promise<{ readonly PATH: string }> {
    const folder = join(this.#parent, 'instead')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, program), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    return { PATH: `${folder}:${outsidePath(process.env['PATH'] ?? '')}` }
  }

  /** Ends all that runs, and says what is left of it. */
  async end(): Promise<readonly string[]> {
    await this.run({}, 'destroy')
    const left = [
      ...(await processesIn(this.folder)).map(({ pid, command }) => `process ${pid}: ${command}`),
      ...(await mountsBelow(this.folder)).filter((path) => path.endsWith('/merged'))
    ]
    await run('umount', ['--recursive', this.#parent])
    await rm(this.#parent, { recursive: true })
    return left
  }

  #target(): LocalTarget {
    return new LocalTarget({
      workspace: this.folder,
      environment: readPipelineEnvironment({ LOCAL_HTTPS_PORT: String(this.port) }),
      signal: new AbortController().signal,
      report: () => undefined
    })
  }

  /** A commit is tested once the record of phase catalog says so. */
  async #noteTested(): Promise<void> {
    const record = await readRecord(this.folder, 'catalog').catch(() => undefined)
    if (record?.passed === true) this.tested.add(record.version.fullSha)
  }

  /** Processes that should have ended, or should be there once and are not. What was orphaned gets half a minute to notice. */
  async #strangers(): Promise<readonly string[]> {
    const kinds = {
      'load balancer': /haproxy/,
      registry: /docker-registry|registry serve/,
      'container monitor': /conmon/
    }
    const expected = { 'load balancer': 1, registry: 1, 'container monitor': 2 }
    for (const end = performance.now() + 30_000; ; await sleep(500)) {
      const found = await processesIn(this.folder)
      const known = Object.entries(kinds)
      const others = found.filter(({ command }) => !known.some(([, pattern]) => pattern.test(command)))
      const counted = known.flatMap(([name, pattern]) => {
        const count = found.filter(({ command }) => pattern.test(command)).length
        return count === expected[name as keyof typeof expected] ? [] : [`${count} times ${name}`]
      })
      const strangers = [...counted, ...others.map(({ pid, command }) => `process ${pid}: ${command}`)]
      if (strangers.length === 0 || performance.now() > end) return strangers
    }
  }

  /** Does what the pipeline says: waits for another one, runs the command it names, or moves the file away that it cannot read. */
  async #follow(text: string): Promise<void> {
    const other = /at work here: process (\d+),[^\n]*\[locked\]/.exec(text)?.[1]
    if (other !== undefined) {
      for (const end = performance.now() + 60_000; isAlive(Number(other)) && performance.now() < end;)
        await sleep(200)
      return
    }
    const invalid = /error: (\S+) is not [^\n]*\[state-invalid\]/.exec(text)?.[1]
    if (invalid !== undefined && existsSync(invalid)) {
      await rename(invalid, `${invalid}.damaged`)
      return
    }
    const remedies = [...text.matchAll(/what to do:([^\n]*)/g)].map(([, remedy = '']) => remedy)
    const command = remedies.flatMap((remedy) => /`((?:make|npx nx) [^`]+)`/.exec(remedy)?.[1] ?? [])[0]
    if (command?.startsWith('make ') === true) await this.run({}, command.slice('make '.length))
    else if (command !== undefined)
      await run(join(this.folder, 'node_modules/.bin/nx'), command.split(' ').slice(2), {
        cwd: this.folder,
        env: { ...process.env, LOCAL_HTTPS_PORT: String(this.port), NX_DAEMON: 'false' }
      }).catch(() => undefined)
  }
}

/** Ends a process group at once; one that is gone already is left alone. */
export function killGroup(group: number | undefined): void {
  try {
    if (group !== undefined) process.kill(-group, 'SIGKILL')
  } catch {
    // Nothing of it is left.
  }
}

/** The PATH without what this workspace put before it: the clone brings its own. */
function outsidePath(path: string): string {
  return path
    .split(':')
    .filter((folder) => !folder.endsWith('node_modules/.bin') && dirname(folder) !== process.cwd())
    .join(':')
}
