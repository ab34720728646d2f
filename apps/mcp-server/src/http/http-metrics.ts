import type { Server } from 'node:http'
import type { Counter, Metrics } from '../metrics/metrics.ts'
import type { Lifecycle } from './lifecycle.ts'

/** What the HTTP server counts. */
export interface HttpMetrics {
  /** Answers, by path and status. */
  readonly answers: Counter
  /** Requests that a limit or a rule refused, and connections that were dropped, by reason. */
  readonly refused: Counter
}

export function httpMetrics(metrics: Metrics): HttpMetrics {
  return {
    answers: metrics.counter('mcp_http_answers_total', 'Answers over HTTP.', ['path', 'status']),
    refused: metrics.counter(
      'mcp_http_refused_total',
      'Requests that a limit or a rule refused, and connections that were dropped.',
      ['reason']
    )
  }
}

/** What can be read off a running server at any time. */
export function serverMetrics(
  metrics: Metrics,
  server: Server,
  lifecycle: Lifecycle,
  remembered: () => number
): void {
  let connections = 0
  server.on('connection', (socket) => {
    connections++
    socket.once('close', () => {
      connections--
    })
  })
  metrics.gauge('mcp_http_connections', 'Open connections.', () => connections)
  metrics.gauge(
    'mcp_http_requests_in_flight',
    'Requests without a complete answer.',
    () => lifecycle.inFlight
  )
  metrics.gauge(
    'mcp_http_rate_keys',
    'Addresses and principals that the tables of rates remember.',
    remembered
  )
}
