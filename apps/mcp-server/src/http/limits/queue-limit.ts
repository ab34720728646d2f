import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Refusal } from '../refusal.ts'

/** Requests that may wait on one connection for the answer before theirs to be sent: few clients send any so. */
const maxQueued = 32

/**
 * Ends connections on which more requests stand behind one another than any client needs: each counts as one at once,
 * so that a few clients that send and never read would keep out all others.
 *
 * @returns what is asked of every request; throws Refusal 503 after it has ended the connection
 */
export function queueLimit(): (req: IncomingMessage, res: ServerResponse) => void {
  const queued = new WeakMap<Socket, number>()
  return ({ socket }, res) => {
    // an answer that can be sent at once has the connection already
    if (res.socket !== null) return
    const count = (queued.get(socket) ?? 0) + 1
    if (count > maxQueued) {
      socket.destroy()
      throw new Refusal(503, 'Too many requests on one connection', { reason: 'queue' })
    }
    queued.set(socket, count)
    res.once('close', () => queued.set(socket, (queued.get(socket) ?? 1) - 1))
  }
}
