import type { Engine } from '@fast-mcp/containers'
import { CodedError } from '@fast-mcp/errors'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'

/** A container of the server that answered /health. */
export interface ServerContainer {
  readonly name: string
  readonly id: string
  readonly port: number
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** From before the container was started until /health answered 200. */
  readonly healthyMs: number
  readonly health: { readonly revision: string }
}

export interface ServerContainerOptions {
  readonly engine: Engine
  readonly name: string
  /** Image id, or reference by digest. */
  readonly image: string
  /** Port on 127.0.0.1 that is taken if it is free. */
  readonly preferredPort?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly timeLimitMs: number
  readonly signal: AbortSignal
}

export const stopTimeoutSeconds = 20

const healthAnswer = z.object({ revision: z.string() })

/**
 * Starts the server as it runs in production: no capabilities, read-only root but for /tmp, limits, on a port of loopback. Waits
 * until /health answers 200. A container of the same name is removed first; the new one is left as it is on failure.
 * Throws CodedError `step-failed` with its log where it ends or does not become healthy in time.
 */
export async function startServerContainer(options: ServerContainerOptions): Promise<ServerContainer> {
  const { engine, name, preferredPort } = options
  await engine.remove(name)
  const started = performance.now()
  const { id, hostPort: port } = await run(options, preferredPort)
  const url = `http://127.0.0.1:${String(port)}`
  const end = started + options.timeLimitMs
  for (;;) {
    options.signal.throwIfAborted()
    const health = await ask(`${url}/health`, options.signal)
    if (health !== undefined)
      return { name, id, port, url, healthyMs: Math.round(performance.now() - started), health }
    const state = await engine.inspect(id)
    const ended = state?.state !== 'running'
    if (ended || performance.now() > end)
      throw new CodedError(
        'step-failed',
        ended
          ? `the container ended with code ${String(state?.exitCode ?? 'unknown')} before it was healthy`
          : `the container was not healthy within ${String(options.timeLimitMs / 1000)} s`,
        {
          evidence: await logTail(engine, id),
          remedy: `Read its log above; the container ${name} is left as it is.`
        }
      )
    await sleep(20)
  }
}

/** The end of both streams of a container, for a person. */
export async function logTail(engine: Engine, container: string): Promise<string> {
  const { stdout, stderr } = await engine.logs(container, { tail: 20 })
  const text = `${stdout}\n${stderr}`.trim()
  return text === '' ? 'it wrote no log' : text
}

async function run(
  options: ServerContainerOptions,
  hostPort: number | undefined
): Promise<{ id: string; hostPort: number }> {
  const { engine, name, image, labels } = options
  try {
    return await engine.run({
      name,
      image,
      publish: { containerPort: 8000, ...(hostPort === undefined ? {} : { hostPort }) },
      temporaryFolders: ['/tmp'],
      memoryMiB: 512,
      pidsLimit: 128,
      stopTimeoutSeconds,
      ...(labels === undefined ? {} : { labels })
    })
  } catch (error) {
    const taken = error instanceof CodedError && error.code === 'port-taken'
    if (hostPort !== undefined && taken) return run(options, undefined)
    throw error
  }
}

async function ask(url: string, signal: AbortSignal): Promise<ServerContainer['health'] | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(2000)]) })
    return response.ok ? healthAnswer.parse(await response.json()) : undefined
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof z.ZodError) throw error
    // Nothing listens yet, or the proxy of the published port has nobody behind it yet.
    return undefined
  }
}
