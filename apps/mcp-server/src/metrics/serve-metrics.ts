import { hostCheck } from '../http/hosts.ts'
import { listen, urlOf } from '../http/listen.ts'
import type { Metrics } from './metrics.ts'

export interface MetricsServer {
  /** Where the text is. */
  readonly url: string
  close(): Promise<void>
}

/** Serves the metrics at /metrics on a port of loopback, apart from what clients reach. Throws CodedError as listen() does. */
export async function serveMetrics(metrics: Metrics, port: number): Promise<MetricsServer> {
  const hostAllowed = hostCheck(undefined)
  const server = await listen(
    (request, response) => {
      if (!hostAllowed(request.headers.host)) response.writeHead(403).end()
      else if (request.url !== '/metrics') response.writeHead(404).end()
      else if (request.method !== 'GET') response.writeHead(405, { Allow: 'GET' }).end()
      else
        response
          .writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' })
          .end(metrics.text())
    },
    {
      host: '127.0.0.1',
      port,
      requestTimeoutSeconds: 5,
      maxHeaderBytes: 8192,
      maxConnections: 20
    }
  )
  return {
    url: `${urlOf(server)}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      })
  }
}
