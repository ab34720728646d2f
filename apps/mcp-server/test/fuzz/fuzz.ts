import { connect } from 'node:net'
import { initialize } from '../session.ts'
import { requestBytes } from './requests.ts'
import { randomOf } from './random.ts'

export interface FuzzResult {
  readonly requests: number
  /** How many answers there were of each status; `none` where the connection was closed without one. */
  readonly statuses: Readonly<Record<string, number>>
  /** Requests that were answered as no client's fault may be: what was sent and what came back, cut. */
  readonly faults: readonly string[]
}

export interface FuzzOptions {
  /** Of the server, without a path. */
  readonly url: string
  readonly seed: number
  /** Ends after so many milliseconds, or after so many requests. */
  readonly milliseconds: number
  readonly requests: number
}

const parallel = 8
/** How often new sessions take the place of those before. */
const requestsPerSessions = 200
/** A request that is incomplete gets no answer before the server's own time for it. */
const answerMilliseconds = 300
/** What an answer never holds: a stack, a path of the server's, or a fault that it calls its own. */
const leak = /\n\s+at |node_modules|node:internal|root:x:|"code":-32603|"code":"internal"/

/** Sends made-up requests to a running server and gathers what is wrong with the answers. Throws where the server is gone. */
export async function fuzz({ url, seed, milliseconds, requests }: FuzzOptions): Promise<FuzzResult> {
  const random = randomOf(seed)
  const { port } = new URL(url)
  const deadline = performance.now() + milliseconds
  const statuses: Record<string, number> = {}
  const faults: string[] = []
  let sessions: readonly string[] = []
  let sent = 0
  const one = async (): Promise<void> => {
    while (sent < requests && performance.now() < deadline) {
      // they end: some by requests made up here
      if (sent++ % requestsPerSessions === 0) sessions = await openSessions(url)
      const bytes = requestBytes(random, sessions)
      const answer = await exchange(Number(port), bytes)
      const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 'none'
      statuses[status] = (statuses[status] ?? 0) + 1
      if ((status.startsWith('5') && status !== '501') || leak.test(answer))
        if (faults.length < 20)
          faults.push(`${bytes.toString('latin1').slice(0, 1500)}\n=> ${answer.slice(0, 500)}`)
    }
  }
  await Promise.all(Array.from({ length: parallel }, one))
  return { requests: sent, statuses, faults }
}

/** Of two revisions, one of which has batches; none where the server gives none. */
async function openSessions(url: string): Promise<readonly string[]> {
  const opened = await Promise.all([initialize(url), initialize(url, {}, '2025-03-26')])
  return opened.flatMap(({ headers }) => headers['mcp-session-id'] ?? [])
}

function exchange(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    const done = (): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.setEncoding('latin1')
    socket.setTimeout(answerMilliseconds, done)
    socket
      .on('data', (chunk) => {
        if (answer.length < 100_000) answer += String(chunk)
      })
      .on('end', done)
      .on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED') reject(error)
        else done()
      })
  })
}
