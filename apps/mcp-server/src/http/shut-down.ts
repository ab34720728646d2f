import type { Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lifecycle } from './lifecycle.ts'
import { giveUp } from './limits/watch.ts'

const poll = 20
/** How long connections are still taken while something is in flight. */
const lameDuckMilliseconds = 1000
/** How long connections with nothing in flight, or with an answer that says why there is none, may take to close by themselves. */
const stragglerMilliseconds = 200

/**
 * Stops a server: /ready says no from now on; connections are taken until nothing is in flight or a second is over;
 * what is in flight then finishes. What is unfinished after `graceSeconds` is given up and answered with 503. Returns
 * how many requests that were. `expected` says how many clients may come back for an answer: as long as connections are
 * taken, they are waited for.
 */
export async function shutDown(
  server: Server,
  lifecycle: Lifecycle,
  graceSeconds: number,
  expected: () => number
): Promise<number> {
  const grace = graceSeconds * 1000
  const started = performance.now()
  const within = (milliseconds: number): boolean => performance.now() - started < milliseconds
  const lameDuck = Math.min(grace, lameDuckMilliseconds)

  lifecycle.drain()
  while (lifecycle.inFlight + expected() > 0 && within(lameDuck)) await sleep(poll)
  let closed = false
  const closing = new Promise<void>((resolve) => {
    server.close(() => {
      closed = true
      resolve()
    })
  })
  // close() ends idle connections once; one that becomes idle later would stay open.
  while (lifecycle.inFlight > 0 && within(grace)) {
    server.closeIdleConnections()
    await sleep(poll)
  }
  const unfinished = lifecycle.inFlight
  lifecycle.expire()
  for (const request of lifecycle.requests) giveUp(request, 503, 'The server is stopping')
  for (let waited = 0; !closed && waited < stragglerMilliseconds; waited += poll) {
    server.closeIdleConnections()
    await sleep(poll)
  }
  server.closeAllConnections()
  await closing
  return unfinished
}
