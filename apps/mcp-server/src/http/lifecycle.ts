import type { ServerResponse } from 'node:http'

/** A request whose answer is not sent yet. */
export interface InFlight {
  readonly response: ServerResponse
  /** Milliseconds, as of performance.now(). */
  readonly started: number
  /** Gives up the work for it, where there is some that can be given up. */
  abort: ((reason: Error) => void) | undefined
}

/** What the HTTP server knows of its own life: whether it still wants requests, and which it is working on. */
export interface Lifecycle {
  readonly draining: boolean
  /** Aborted when the server begins to stop: a stream that would last ends then, and says why. */
  readonly stopping: AbortSignal
  /** How many requests have no complete answer yet. */
  readonly inFlight: number
  readonly requests: Iterable<InFlight>
  /** From now on /ready says no and every answer closes its connection. */
  drain(): void
  /** Counts a request until its response is closed. */
  begin(response: ServerResponse, started: number): InFlight
}

export function lifecycle(): Lifecycle {
  const stopping = new AbortController()
  const requests = new Set<InFlight>()
  return {
    get draining() {
      return stopping.signal.aborted
    },
    stopping: stopping.signal,
    get inFlight() {
      return requests.size
    },
    requests,
    drain: () => {
      stopping.abort(new Error('the server is stopping'))
    },
    begin: (response, started) => {
      const request: InFlight = { response, started, abort: undefined }
      requests.add(request)
      response.once('close', () => {
        requests.delete(request)
      })
      return request
    }
  }
}
