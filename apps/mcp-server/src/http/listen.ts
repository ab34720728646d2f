import { CodedError } from '@fast-mcp/errors'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { types } from 'node:util'

export interface ListenOptions {
  readonly host: string
  readonly port: number
  /** How long a client may take to send one request. */
  readonly requestTimeoutSeconds: number
  readonly maxHeaderBytes: number
  readonly maxConnections: number
}

/** The server, listening. Throws CodedError `port-taken`, or `invalid-environment` for an address this machine does not have. */
export async function listen(listener: RequestListener, options: ListenOptions): Promise<Server> {
  const milliseconds = options.requestTimeoutSeconds * 1000
  const server = createServer(
    {
      requestTimeout: milliseconds,
      headersTimeout: Math.min(milliseconds, 10_000),
      connectionsCheckingInterval: 1000,
      // Above the 60 s of load balancers, so that it is always they who close an idle connection.
      keepAliveTimeout: 65_000,
      maxHeaderSize: options.maxHeaderBytes,
      // finds out that the other side of a quiet connection is gone
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
      noDelay: true
    },
    listener
  )
  // they are bounded by their bytes here, and counted where a refusal can say so
  server.maxHeadersCount = 0
  server.maxConnections = options.maxConnections
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(options.port, options.host, () => {
        server.off('error', reject)
        resolve()
      })
    })
  } catch (error) {
    throw explain(error, options)
  }
  return server
}

/** The address that clients of this machine use. */
export function urlOf(server: Server): string {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('the server listens on no port')
  return `http://${hostOf(address)}:${String(address.port)}`
}

function hostOf({ address, family }: AddressInfo): string {
  if (address === '0.0.0.0' || address === '::') return '127.0.0.1'
  return family === 'IPv6' ? `[${address}]` : address
}

function explain(error: unknown, { host, port }: ListenOptions): unknown {
  // errors of Node itself are not of the realm that a test runs in
  const code = types.isNativeError(error) && 'code' in error ? String(error.code) : undefined
  if (code === 'EADDRINUSE')
    return new CodedError('port-taken', `port ${String(port)} of ${host} is in use by another program`, {
      remedy: 'End that program, or set PORT to another one.',
      cause: error
    })
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EACCES' || code === 'EAI_AGAIN')
    return new CodedError('invalid-environment', `cannot listen on ${host}, port ${String(port)}: ${code}`, {
      remedy: 'Set HOST to an address of this machine, and PORT to one above 1023 or to 0.',
      cause: error
    })
  return error
}
