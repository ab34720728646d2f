import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { Readable } from 'node:stream'

export interface HttpFetch {
  /** As the fetch of the platform, for bodies that are text; follows no redirects. */
  readonly fetch: (url: string | URL, init?: RequestInit) => Promise<Response>
  /** Ends the connections that are kept alive. */
  readonly close: () => void
}

/**
 * A fetch that can trust a certificate authority of its own, which the platform's cannot without changing the whole
 * process. `ca` (PEM) takes the place of the authorities that Node trusts.
 */
export function httpFetch(ca: string | undefined): HttpFetch {
  const http = new HttpAgent({ keepAlive: true })
  const https = new HttpsAgent({ keepAlive: true, ...(ca === undefined ? {} : { ca }) })
  return {
    fetch: async (url, init = {}) => {
      const target = new URL(url)
      const secure = target.protocol === 'https:'
      const body = init.body ?? undefined
      if (body !== undefined && typeof body !== 'string') throw new TypeError('only text can be sent')
      const options: RequestOptions = {
        method: init.method ?? 'GET',
        headers: {
          ...Object.fromEntries(new Headers(init.headers)),
          ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) })
        },
        agent: secure ? https : http,
        ...(init.signal ? { signal: init.signal } : {})
      }
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const request = secure
          ? httpsRequest(target, options, resolve)
          : httpRequest(target, options, resolve)
        request.on('error', reject)
        request.end(body)
      })
      return toResponse(answer)
    },
    close: () => {
      http.destroy()
      https.destroy()
    }
  }
}

function toResponse(answer: IncomingMessage): Response {
  const status = answer.statusCode ?? 0
  const headers = new Headers()
  for (const [name, values] of Object.entries(answer.headersDistinct))
    for (const value of values ?? []) headers.append(name, value)
  const empty = status === 204 || status === 205 || status === 304
  if (empty) answer.resume()
  return new Response(empty ? null : Readable.toWeb(answer), { status, headers })
}
