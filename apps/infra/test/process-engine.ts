import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ContainerState, Engine, RunOptions } from '@fast-mcp/containers'
import { CodedError } from '@fast-mcp/errors'
import { z } from 'zod'
import { isAlive } from '../src/targets/local/tasks/task.ts'

/** How the server in an image behaves; see task-server.mjs. */
export interface StandInImage {
  readonly revision: string
  readonly mode: 'good' | 'crash' | 'hang' | 'sick' | 'dies' | 'wrong' | 'mute'
}

const image = z.object({
  revision: z.string(),
  mode: z.enum(['good', 'crash', 'hang', 'sick', 'dies', 'wrong', 'mute'])
})

const container = z.object({
  name: z.string(),
  image: z.string(),
  labels: z.record(z.string(), z.string()),
  pid: z.number(),
  port: z.number(),
  startedAt: z.string()
})

type Container = z.output<typeof container>

/** What an engine that is broken does: it does not answer, its store is full, a pull takes its time, it stops nothing. */
export type EngineFault = 'unavailable' | 'full' | 'slow' | 'keeps'

const slowMs = 3000

/**
 * A stand-in for a container engine: each container is a plain node process on a port of its own, each image a way
 * for it to behave. Real processes, real ports, real signals; no isolation. Everything is kept in a folder and the
 * processes outlive this one, so that several processes share one engine, as they do with podman.
 */
export class ProcessEngine implements Engine {
  readonly kind = 'podman'
  readonly version = '0.0.0'
  readonly environment = { variables: {}, policy: undefined }
  /** References that were pulled by this object. */
  readonly pulled: string[] = []
  /** Options of the containers that this object started, by name. */
  readonly #options = new Map<string, RunOptions>()
  readonly #folder: string
  readonly #onCall: () => void

  /** @param onCall told before each call, so that a test may end the process there */
  constructor(folder: string, onCall: () => void = () => undefined) {
    this.#folder = folder
    this.#onCall = onCall
    for (const name of ['registry', 'store', 'containers']) mkdirSync(join(folder, name), { recursive: true })
  }

  /** Makes the registry have an image. */
  publish(reference: string, content: StandInImage): void {
    this.#write('registry', reference, content)
  }

  /** Makes the registry have nothing. */
  emptyRegistry(): void {
    for (const name of readdirSync(join(this.#folder, 'registry')))
      rmSync(join(this.#folder, 'registry', name))
  }

  /** Breaks the engine, or mends it. */
  breakWith(fault: EngineFault | undefined): void {
    rmSync(join(this.#folder, 'fault'), { force: true })
    if (fault !== undefined) writeFileSync(join(this.#folder, 'fault'), fault)
  }

  /** Process ids of the containers that run, oldest first. */
  get pids(): readonly number[] {
    return this.#all()
      .filter(({ pid }) => isAlive(pid))
      .map(({ pid }) => pid)
  }

  /** Names and options of all containers that this object started and that were not removed. */
  get containers(): readonly RunOptions[] {
    return this.#all().flatMap(({ name }) => this.#options.get(name) ?? [])
  }

  async pull(reference: string): Promise<string> {
    this.#requireWorking('full')
    if (this.#fault === 'slow') await sleep(slowMs)
    const content = this.#read('registry', reference)
    if (content === undefined)
      throw new CodedError('registry-refused', `no image ${reference}`, { remedy: 'Push it.' })
    this.pulled.push(reference)
    this.#write('store', reference, image.parse(content))
    return reference
  }

  load(): Promise<string> {
    return Promise.reject(new Error('not needed here'))
  }

  async imageId(reference: string): Promise<string | undefined> {
    this.#requireWorking()
    return Promise.resolve(this.#read('store', reference) === undefined ? undefined : reference)
  }

  removeImage(reference: string): Promise<void> {
    rmSync(this.#path('store', reference), { force: true })
    return Promise.resolve()
  }

  async run(options: RunOptions): Promise<{ id: string; hostPort: number }> {
    this.#requireWorking('full')
    const content = this.#read('store', options.image)
    if (content === undefined) throw new Error(`no image ${options.image}`)
    const { mode, revision } = image.parse(content)
    const port = await freePort()
    const outputs = ['out', 'err'].map((end) => openSync(this.#path('containers', options.name, end), 'w'))
    const child = spawn(process.execPath, [new URL('task-server.mjs', import.meta.url).pathname], {
      env: { PORT: String(port), MODE: mode, REVISION: revision },
      stdio: ['ignore', ...outputs],
      detached: true
    })
    outputs.forEach(closeSync)
    await once(child, 'spawn')
    child.unref()
    this.#options.set(options.name, options)
    this.#write('containers', options.name, {
      name: options.name,
      image: options.image,
      labels: options.labels ?? {},
      pid: child.pid ?? 0,
      port,
      startedAt: new Date().toISOString()
    })
    return { id: options.name, hostPort: port }
  }

  async inspect(name: string): Promise<ContainerState | undefined> {
    this.#requireWorking()
    const found = this.#find(name)
    return Promise.resolve(found === undefined ? undefined : this.#stateOf(found))
  }

  async exec(name: string): Promise<{ exitCode: number; stdout: string; stderr: string }> {
    this.#requireWorking()
    const port = this.#find(name)?.port
    const status = await fetch(`http://127.0.0.1:${port}/health`).then(
      (response) => response.status,
      () => 0
    )
    return { exitCode: status === 200 ? 0 : 1, stdout: '', stderr: `/health gave ${status}` }
  }

  async stop(name: string, seconds: number): Promise<number> {
    this.#requireWorking('keeps')
    const found = this.#find(name)
    if (found === undefined) throw new Error(`no container ${name}`)
    const end = performance.now() + seconds * 1000
    if (isAlive(found.pid)) process.kill(found.pid, seconds === 0 ? 'SIGKILL' : 'SIGTERM')
    while (isAlive(found.pid)) {
      if (performance.now() >= end) process.kill(found.pid, 'SIGKILL')
      await sleep(10)
    }
    return this.#stateOf(found).exitCode ?? 137
  }

  kill(name: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const found = this.#find(name)
    if (found !== undefined && isAlive(found.pid)) process.kill(found.pid, signal)
    return Promise.resolve()
  }

  async remove(name: string): Promise<void> {
    this.#requireWorking('keeps')
    if (this.#find(name) === undefined) return
    await this.stop(name, 0)
    for (const end of ['json', 'out', 'err']) rmSync(this.#path('containers', name, end), { force: true })
  }

  async logs(name: string): Promise<{ stdout: string; stderr: string }> {
    this.#requireWorking()
    return Promise.resolve({ stdout: this.#output(name, 'out'), stderr: this.#output(name, 'err') })
  }

  async list({
    labels
  }: {
    readonly labels: Readonly<Record<string, string>>
  }): Promise<readonly ContainerState[]> {
    this.#requireWorking()
    return Promise.resolve(
      this.#all()
        .filter((found) => Object.entries(labels).every(([key, value]) => found.labels[key] === value))
        .map((found) => this.#stateOf(found))
    )
  }

  /** Ends every process and removes the folder. */
  async end(): Promise<void> {
    this.breakWith(undefined)
    await Promise.all(this.#all().map(({ name }) => this.remove(name)))
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get #fault(): string | undefined {
    const path = join(this.#folder, 'fault')
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined
  }

  #requireWorking(alsoNot?: EngineFault): void {
    this.#onCall()
    const fault = this.#fault
    if (fault === 'unavailable')
      throw new CodedError('engine-unavailable', 'the engine does not answer', { remedy: 'Start it.' })
    if (fault !== undefined && fault === alsoNot)
      throw new CodedError(
        'step-failed',
        fault === 'full' ? 'no space left on device' : 'cannot kill the container: permission denied',
        { remedy: 'Mend the engine and try again.' }
      )
  }

  #all(): readonly Container[] {
    const names = readdirSync(join(this.#folder, 'containers')).filter((name) => name.endsWith('.json'))
    return names
      .flatMap((name) => this.#find(name.slice(0, -'.json'.length)) ?? [])
      .sort((a, b) => a.startedAt.localeCompare(b.startedAt))
  }

  #find(name: string): Container | undefined {
    const found = this.#read('containers', name)
    return found === undefined ? undefined : container.parse(found)
  }

  #stateOf({ name, image: imageId, labels, pid, port, startedAt }: Container): ContainerState {
    const running = isAlive(pid) === true
    // The process writes down how it ends, where it can.
    const exitCode = Number(/exit (\d+)\n$/.exec(this.#output(name, 'out'))?.[1] ?? 137)
    return {
      id: name,
      name,
      state: running ? 'running' : 'exited',
      pid: running ? pid : undefined,
      exitCode: running ? undefined : exitCode,
      outOfMemory: false,
      startedAt,
      finishedAt: undefined,
      imageId,
      labels,
      hostPort: port
    }
  }

  #output(name: string, end: 'out' | 'err'): string {
    const path = this.#path('containers', name, end)
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  }

  #path(kind: string, name: string, end = 'json'): string {
    return join(this.#folder, kind, `${encodeURIComponent(name)}.${end}`)
  }

  #read(kind: string, name: string): unknown {
    const path = this.#path(kind, name)
    return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
  }

  #write(kind: string, name: string, value: unknown): void {
    const path = this.#path(kind, name)
    writeFileSync(`${path}.tmp`, JSON.stringify(value))
    renameSync(`${path}.tmp`, path)
  }
}

/** A port on 127.0.0.1 that nothing listens on, chosen by the system. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new TypeError('no port')
  return address.port
}
