import type { ServerResponse } from 'node:http'
import type { RequestId } from '../protocol/message.ts'

/** A request whose answer is not sent yet. */
export interface InFlight {
  readonly response: ServerResponse
  /** Milliseconds, as of performance.now(). */
  readonly started: number
  readonly requestId: string
  /** Headers that its answer has, name and value in turn. */
  readonly headers: readonly string[]
  /** Of the one message in it, once it is read; null for several. */
  id: RequestId | null | undefined
  /** Gives up the work for it, where there is some that can be given up. */
  abort: ((reason: Error) => void) | undefined
}

/** What the HTTP server knows of its own life: whether it still wants requests, and which it is working on. */
export interface Lifecycle {
  readonly draining: boolean
  /** Aborted when the server begins to stop: a stream that would last ends then, and says why. */
  readonly stopping: AbortSignal
  /** Aborted when what is in flight has had all the time there is to finish. */
  readonly overdue: AbortSignal
  /** How many requests have no complete answer yet. */
  readonly inFlight: number
  /** Those requests, as of now. */
  readonly requests: readonly InFlight[]
  /** From now on /ready says no and every answer closes its connection. */
  drain(): void
  /** What is in flight from now on is given up. */
  expire(): void
  /** Counts a request until its response is closed. */
  begin(response: ServerResponse, started: number, requestId: string, headers: readonly string[]): InFlight
}

interface Listed extends InFlight {
  index: number
}

export function lifecycle(): Lifecycle {
  const stopping = new AbortController()
  const overdue = new AbortController()
  // A list, since a set makes a new table every few requests, and V8 lets the old one point to the new: once one of them
  // has grown old, it keeps all that come after, and what was in them, until the next full collection.
  const requests: Listed[] = []
  return {
    get draining() {
      return stopping.signal.aborted
    },
    stopping: stopping.signal,
    overdue: overdue.signal,
    get inFlight() {
      return requests.length
    },
    get requests() {
      return [...requests]
    },
    drain: () => {
      stopping.abort(new Error('the server is stopping'))
    },
    expire: () => {
      overdue.abort(new Error('the server is stopping'))
    },
    begin: (response, started, requestId, headers) => {
      const index = requests.length
      const request: Listed = {
        response,
        started,
        requestId,
        headers,
        id: undefined,
        abort: undefined,
        index
      }
      requests.push(request)
      response.once('close', () => {
        const last = requests.pop()
        if (last === undefined || last === request) return
        // takes the place that became free
        requests[request.index] = last
        last.index = request.index
      })
      return request
    }
  }
}
