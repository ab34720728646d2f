import { Agent, request, type RequestOptions } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'

export interface LoadOptions {
  /** Port of the load balancer on this machine. */
  readonly port: number
  /** Certificate of the authority, PEM. */
  readonly ca: string
  readonly perSecond: number
  /** What is sent, one after the other and then from the beginning. */
  readonly requests: readonly LoadRequest[]
  /** Streams that are kept open, and opened again when they end. @default none */
  readonly streams?: {
    readonly count: number
    readonly request: LoadRequest
    /** Whether the end of a stream's text says why it ends. */
    readonly saysWhy: (text: string) => boolean
  }
}

export interface LoadRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Whether nothing is missing of an answer. @default status 200 is enough */
  readonly isWhole?: (body: string) => boolean
}

export interface LoadResult {
  readonly seconds: number
  readonly sent: number
  /** In words, one each. */
  readonly failures: readonly string[]
  /** Milliseconds from sending to the end of the answer. */
  readonly p50Ms: number
  readonly p95Ms: number
  readonly maxMs: number
  readonly streams: { readonly opened: number; readonly ended: number; readonly failures: readonly string[] }
  /** Every `revision` that an answer named. */
  readonly revisions: ReadonlySet<string>
}

interface Answer {
  readonly status: number
  readonly body: string
}

/**
 * Sends requests at a constant rate, whether or not those before were answered, over connections that are kept, and
 * holds streams open. `stop` waits for what is under way and says what happened; streams are then closed from here.
 */
export function constantLoad(options: LoadOptions): { readonly stop: () => Promise<LoadResult> } {
  const { port, ca, perSecond, requests, streams } = options
  const agent = new Agent({ keepAlive: true, maxSockets: 128, ca })
  const stopping = new AbortController()
  const failures: string[] = []
  const streamFailures: string[] = []
  const revisions = new Set<string>()
  const times: number[] = []
  const underway = new Set<Promise<void>>()
  const started = performance.now()
  let sent = 0
  let opened = 0
  let ended = 0

  async function one(what: LoadRequest): Promise<void> {
    const start = performance.now()
    try {
      const { status, body } = await send(what, { port, agent }, undefined)
      times.push(performance.now() - start)
      const revision = /"revision":"([^"]*)"/.exec(body)?.[1]
      if (revision !== undefined) revisions.add(revision)
      if (status !== 200 || what.isWhole?.(body) === false)
        failures.push(`${what.method} ${what.path}: ${status} ${body.slice(0, 200)}`)
    } catch (error) {
      failures.push(`${what.method} ${what.path} at ${seconds(start - started)} s: ${String(error)}`)
    }
  }

  async function sender(): Promise<void> {
    while (!stopping.signal.aborted) {
      const due = Math.floor(((performance.now() - started) / 1000) * perSecond)
      for (; sent < due; sent++) {
        const what = requests[sent % requests.length]
        if (what === undefined) return
        const work = one(what).finally(() => underway.delete(work))
        underway.add(work)
      }
      await sleep(5)
    }
  }

  async function stream({ request: what, saysWhy }: NonNullable<LoadOptions['streams']>): Promise<void> {
    const own = new Agent({ keepAlive: false, ca })
    while (!stopping.signal.aborted) {
      opened++
      try {
        const { status, body } = await send(what, { port, agent: own }, stopping.signal)
        ended++
        if (status !== 200 || !saysWhy(body))
          streamFailures.push(`stream ended with ${status} ${JSON.stringify(body.slice(-200))}`)
      } catch (error) {
        if (!stopping.signal.aborted) streamFailures.push(`stream: ${String(error)}`)
      }
    }
  }

  const work = [
    sender(),
    ...(streams === undefined ? [] : Array.from({ length: streams.count }, () => stream(streams)))
  ]
  return {
    stop: async () => {
      const lasted = performance.now() - started
      stopping.abort()
      await Promise.all(work)
      await Promise.all(underway)
      agent.destroy()
      times.sort((a, b) => a - b)
      const rank = (share: number): number => times[Math.ceil(times.length * share) - 1] ?? 0
      return {
        seconds: lasted / 1000,
        sent,
        failures,
        p50Ms: rank(0.5),
        p95Ms: rank(0.95),
        maxMs: rank(1),
        streams: { opened, ended, failures: streamFailures },
        revisions
      }
    }
  }
}

function send(
  { method, path, headers = {}, body }: LoadRequest,
  connection: Pick<RequestOptions, 'port' | 'agent'>,
  signal: AbortSignal | undefined
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: 'localhost', method, path, headers, ...connection, ...(signal ? { signal } : {}) }
    const message = request(options, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: text })
      })
      response.on('error', reject)
    })
    message.on('error', reject)
    message.end(body)
  })
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2)
}
