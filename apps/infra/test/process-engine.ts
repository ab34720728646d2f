import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ContainerState, Engine, RunOptions } from '@fast-mcp/containers'
import { CodedError } from '@fast-mcp/errors'

/** How the server in an image behaves; see task-server.mjs. */
export interface StandInImage {
  readonly revision: string
  readonly mode: 'good' | 'crash' | 'hang' | 'sick' | 'dies'
}

interface StandInContainer {
  readonly options: RunOptions
  readonly child: ChildProcess
  readonly port: number
  readonly startedAt: string
  stdout: string
  stderr: string
}

/**
 * A stand-in for a container engine: each container is a plain node process on a port of its own, each image a way
 * for it to behave. Real processes, real ports, real signals; no isolation.
 */
export class ProcessEngine implements Engine {
  readonly kind = 'podman'
  readonly version = '0.0.0'
  readonly environment = { variables: {}, policy: undefined }
  /** Images a registry would have, by reference. */
  readonly registry = new Map<string, StandInImage>()
  readonly pulled: string[] = []
  readonly #store = new Map<string, StandInImage>()
  readonly #containers = new Map<string, StandInContainer>()

  /** Process ids of the containers that run. */
  get pids(): readonly number[] {
    return [...this.#containers.values()].flatMap(({ child }) =>
      child.exitCode === null && child.signalCode === null && child.pid !== undefined ? [child.pid] : []
    )
  }

  /** Names and options of all containers. */
  get containers(): readonly RunOptions[] {
    return [...this.#containers.values()].map(({ options }) => options)
  }

  async pull(reference: string): Promise<string> {
    const image = this.registry.get(reference)
    if (image === undefined)
      throw new CodedError('registry-refused', `no image ${reference}`, { remedy: 'Push it.' })
    this.pulled.push(reference)
    this.#store.set(reference, image)
    return reference
  }

  load(): Promise<string> {
    return Promise.reject(new Error('not needed here'))
  }

  imageId(reference: string): Promise<string | undefined> {
    return Promise.resolve(this.#store.has(reference) ? reference : undefined)
  }

  removeImage(reference: string): Promise<void> {
    this.#store.delete(reference)
    return Promise.resolve()
  }

  async run(options: RunOptions): Promise<{ id: string; hostPort: number }> {
    const image = this.#store.get(options.image)
    if (image === undefined) throw new Error(`no image ${options.image}`)
    const port = await freePort()
    const child = spawn(process.execPath, [new URL('task-server.mjs', import.meta.url).pathname], {
      env: { PORT: String(port), MODE: image.mode, REVISION: image.revision },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    const container: StandInContainer = {
      options,
      child,
      port,
      startedAt: new Date().toISOString(),
      stdout: '',
      stderr: ''
    }
    child.stdout.on('data', (chunk: Buffer) => (container.stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (container.stderr += chunk.toString()))
    await once(child, 'spawn')
    this.#containers.set(options.name, container)
    return { id: options.name, hostPort: port }
  }

  inspect(name: string): Promise<ContainerState | undefined> {
    const container = this.#containers.get(name)
    return Promise.resolve(container === undefined ? undefined : stateOf(container))
  }

  async exec(name: string): Promise<{ exitCode: number; stdout: string; stderr: string }> {
    const port = this.#containers.get(name)?.port
    const status = await fetch(`http://127.0.0.1:${port}/health`).then(
      (response) => response.status,
      () => 0
    )
    return { exitCode: status === 200 ? 0 : 1, stdout: '', stderr: `/health gave ${status}` }
  }

  async stop(name: string, seconds: number): Promise<number> {
    const child = this.#containers.get(name)?.child
    if (child === undefined) throw new Error(`no container ${name}`)
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000)
      await exit
      clearTimeout(timer)
    }
    return child.exitCode ?? 137
  }

  kill(name: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#containers.get(name)?.child.kill(signal)
    return Promise.resolve()
  }

  async remove(name: string): Promise<void> {
    if (!this.#containers.has(name)) return
    await this.stop(name, 0)
    this.#containers.delete(name)
  }

  async logs(name: string): Promise<{ stdout: string; stderr: string }> {
    // What a process wrote just before is still on its way through the pipe.
    await sleep(20)
    const { stdout = '', stderr = '' } = this.#containers.get(name) ?? {}
    return { stdout, stderr }
  }

  list({
    labels
  }: {
    readonly labels: Readonly<Record<string, string>>
  }): Promise<readonly ContainerState[]> {
    return Promise.resolve(
      [...this.#containers.values()]
        .filter(({ options }) =>
          Object.entries(labels).every(([key, value]) => options.labels?.[key] === value)
        )
        .map(stateOf)
    )
  }

  /** Ends every process. */
  async end(): Promise<void> {
    await Promise.all([...this.#containers.keys()].map((name) => this.remove(name)))
  }
}

function stateOf({ options, child, port, startedAt }: StandInContainer): ContainerState {
  const running = child.exitCode === null && child.signalCode === null
  return {
    id: options.name,
    name: options.name,
    state: running ? 'running' : 'exited',
    pid: running ? child.pid : undefined,
    exitCode: running ? undefined : (child.exitCode ?? 137),
    outOfMemory: false,
    startedAt,
    finishedAt: undefined,
    imageId: options.image,
    labels: options.labels ?? {},
    hostPort: port
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
