import type { InFlight, Lifecycle } from '../lifecycle.ts'
import { Refusal } from '../refusal.ts'

export interface WatchOptions {
  /** How long the answer to a request may take to begin. */
  readonly callTimeoutSeconds: number
  /** How long a client may leave what was sent to it unread. */
  readonly sendTimeoutSeconds: number
  /** Told of every request that was ended, with the reason that the metric counts it under. */
  readonly onEnd: (reason: 'call-time' | 'not-reading', request: InFlight) => void
}

/**
 * Looks once a second at what is in flight: a call that takes too long is given up and answered with 504, a client
 * that does not read is dropped. One timer for all of them. Returns the function that ends it.
 */
export function watch(lifecycle: Lifecycle, options: WatchOptions): () => void {
  const stalled = new WeakMap<InFlight, { written: number; since: number }>()

  const readsNot = (request: InFlight, now: number): boolean => {
    const { socket } = request.response
    if (socket === null || socket.writableLength === 0) {
      stalled.delete(request)
      return false
    }
    // counts what is still to be written too, so that only what the client took makes it smaller
    const written = socket.bytesWritten - socket.writableLength
    const before = stalled.get(request)
    if (before === undefined || before.written !== written) {
      stalled.set(request, { written, since: now })
      return false
    }
    return now - before.since >= options.sendTimeoutSeconds * 1000
  }

  const look = (): void => {
    const now = performance.now()
    for (const request of lifecycle.requests) {
      if (readsNot(request, now)) {
        options.onEnd('not-reading', request)
        request.abort?.(new Error('the client does not read'))
        request.response.destroy()
      } else if (
        !request.response.headersSent &&
        now - request.started >= options.callTimeoutSeconds * 1000
      ) {
        options.onEnd('call-time', request)
        giveUp(request, 504, `The request took longer than ${String(options.callTimeoutSeconds)} seconds`)
      }
    }
  }

  const timer = setInterval(look, 1000)
  timer.unref()
  return () => {
    clearInterval(timer)
  }
}

/** Ends the work for a request and, where its answer has not begun, answers that it was ended. */
export function giveUp(request: InFlight, status: 503 | 504, message: string): void {
  const { response, requestId, headers, id } = request
  request.abort?.(new Error(message))
  if (response.headersSent) return
  response.shouldKeepAlive = false
  response
    .writeHead(status, ['Content-Type', 'application/json', ...headers, 'X-Request-Id', requestId])
    .end(new Refusal(status, message).toBody(id))
}
