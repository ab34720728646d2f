import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { localRegistry } from '@fast-mcp/containers'
import { readVersion } from '@fast-mcp/versioning'
import { Proxy } from '../../src/targets/local/haproxy/proxy.ts'
import { templatePath } from '../../src/template-path.ts'
import type { PushedImage } from '../../src/target.ts'
import { commit, initRepository, writeCatalog } from '../git-workspace.ts'
import { LocalWorkspace, quickTemplate } from '../local-workspace.ts'
import type { StandInImage } from '../process-engine.ts'
import type { Ground, Outcome } from './attempt.ts'

const run = promisify(execFile)

/** A grace period that a test can wait for. */
const template = quickTemplate.replace(
  '"HealthCheckGracePeriodSeconds":30',
  '"HealthCheckGracePeriodSeconds":5'
)

/**
 * A workspace in which the pipeline runs as a process of its own and things go wrong: git, records, registry and load
 * balancer are real; containers are plain processes. As root the workspace is a small file system of its own, which
 * can be filled.
 */
export class World implements Ground {
  readonly workspace: LocalWorkspace
  /** Full SHAs of the commits that phases app, build and catalog let through. */
  readonly tested = new Set<string>()
  readonly isMounted: boolean
  #registry = ''
  #commits = 0

  private constructor(workspace: LocalWorkspace, isMounted: boolean) {
    this.workspace = workspace
    this.isMounted = isMounted
  }

  /** A workspace with one version live and proven. */
  static async create(): Promise<World> {
    const workspace = await LocalWorkspace.create()
    const { folder } = workspace
    const isMounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=24m,mode=755', 'tmpfs', folder]).then(
      () => true,
      () => false
    )
    const world = new World(workspace, isMounted)
    world.#registry = (await localRegistry(folder).start()).host
    await initRepository(folder)
    mkdirSync(dirname(templatePath(folder)), { recursive: true })
    await writeFile(templatePath(folder), template)
    await world.release('good')
    const { code, text } = await world.run()
    if (code !== 0) throw new Error(`the first deployment failed: ${text}`)
    return world
  }

  /** Commits, and does what phases app, build and catalog do: an image in the registry and a record. */
  async release(mode: StandInImage['mode']): Promise<void> {
    this.#commits++
    await commit(this.workspace.folder, `commit ${this.#commits}`)
    await this.catalog(mode)
  }

  /** What `make catalog` leaves for HEAD. */
  async catalog(mode: StandInImage['mode'] = 'good'): Promise<void> {
    const { folder, engine } = this.workspace
    const version = await readVersion(folder)
    const digest = `sha256:${version.fullSha.padEnd(64, '0')}`
    const image: PushedImage = {
      reference: `${this.#registry}/quilt-mcp@${digest}`,
      digest,
      insecure: true
    }
    engine.publish(image.reference, { revision: version.fullSha, mode })
    await writeCatalog(folder, version, image)
    this.tested.add(version.fullSha)
  }

  async head(): Promise<string> {
    return (await readVersion(this.workspace.folder)).fullSha
  }

  /** Starts the pipeline. */
  start(
    variables: Readonly<Record<string, string>> = {},
    command = 'full'
  ): { readonly child: ChildProcess; readonly ended: Promise<Outcome> } {
    const started = performance.now()
    const child = spawn(process.execPath, [join(import.meta.dirname, 'pipeline.ts'), command], {
      cwd: this.workspace.folder,
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
        LOCAL_HTTPS_PORT: String(this.workspace.port),
        ENGINE_FOLDER: `${this.workspace.folder}-engine`,
        ...variables
      },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part: string) => (text += part))
    const ended = once(child, 'close').then(() => ({
      code: child.exitCode ?? undefined,
      text,
      ms: performance.now() - started
    }))
    return { child, ended }
  }

  run(variables?: Readonly<Record<string, string>>, command?: string): Promise<Outcome> {
    return this.start(variables, command).ended
  }

  async mend(): Promise<number> {
    // A commit that came in the middle of a run goes through the phases before like any other.
    if (!this.tested.has(await this.head())) await this.catalog()
    let last: Outcome | undefined
    for (let runs = 1; runs <= 4; runs++) {
      last = await this.run()
      if (last.code === 0) return runs
      if (!last.text.includes('what to do:')) break
      await this.#follow(last.text)
    }
    throw new Error(`the pipeline does not complete: exit code ${last?.code}\n${last?.text}`)
  }

  async violations(): Promise<readonly string[]> {
    const { engine, folder, paths } = this.workspace
    const head = await this.head()
    const served = await this.workspace.get('/health').then(
      ({ revision }) => revision,
      (error: unknown) => String(error)
    )
    const status = await this.workspace.target().status()
    const leftovers = (await readdir(paths.folder, { recursive: true })).filter((name) =>
      name.endsWith('.tmp')
    )
    const proxies = await processesWith(paths.proxyConfig)
    const registries = await processesWith(join(folder, '.local/registry'))
    return [
      ...(served === head ? [] : [`${served} is served, HEAD is ${head}`]),
      ...(status.state === 'healthy' ? [] : [`status: ${JSON.stringify(status)}`]),
      ...(engine.pids.length === 2 ? [] : [`${engine.pids.length} tasks run`]),
      ...(proxies.length === 1 ? [] : [`${proxies.length} load balancers run`]),
      ...(registries.length === 1 ? [] : [`${registries.length} registries run`]),
      ...(existsSync(join(folder, '.local/lock.json')) ? ['the lock is still there'] : []),
      ...leftovers.map((name) => `${name} was left behind`)
    ]
  }

  /** Process id of the load balancer. */
  async balancer(): Promise<number> {
    return (await new Proxy(this.workspace.paths).info())?.pid ?? 0
  }

  /** Cuts a file off in the middle, or changes it. */
  async damage(name: string, how: 'truncated' | 'edited'): Promise<void> {
    const path = join(this.workspace.folder, name)
    const text = await readFile(path, 'utf8')
    await writeFile(
      path,
      how === 'truncated' ? text.slice(0, Math.floor(text.length / 2)) : text.replaceAll(/[0-9a-f]{12}/g, 'x')
    )
  }

  /** Fills the file system of the workspace; `undo` empties it. */
  async fill(): Promise<() => Promise<void>> {
    const path = join(this.workspace.folder, 'dist/filler')
    await mkdir(dirname(path), { recursive: true })
    await run('dd', ['if=/dev/zero', `of=${path}`, 'bs=64k']).catch(() => undefined)
    return () => rm(path, { force: true })
  }

  /** Ends all that runs and removes the workspace. */
  async end(): Promise<void> {
    const { folder } = this.workspace
    await localRegistry(folder).stop()
    if (!this.isMounted) return this.workspace.end()
    await new Proxy(this.workspace.paths).stop()
    await run('umount', ['--lazy', folder])
    await this.workspace.end()
  }

  /** Does what the pipeline says. */
  async #follow(text: string): Promise<void> {
    const { paths } = this.workspace
    if (text.includes('[state-invalid]') && text.includes(paths.state))
      await rename(paths.state, `${paths.state}.damaged`)
    if (/\[(?:record|output)-/.test(text)) await this.catalog()
    await sleep(50)
  }
}

/** Ids of the processes with a text among their arguments. */
async function processesWith(text: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) =>
      (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(text) ? [Number(pid)] : []
    )
  )
  return found.flat()
}
