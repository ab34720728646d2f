import { request, type Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http'
import { connect } from 'node:net'

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** The body as JSON. Throws where it is none. */
  json(): unknown
}

export interface HttpCall {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string | Buffer
  readonly agent?: Agent
}

/** One request with exactly these headers (besides those node adds), for a URL of a server under test. */
export function http(
  url: string,
  { method = 'GET', headers = {}, body, agent }: HttpCall = {}
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, ...(agent === undefined ? {} : { agent }) }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: text,
          json: () => JSON.parse(text) as unknown
        })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Posts a JSON value to /mcp, as a client without sessions does. */
export function post(url: string, value: unknown, headers: OutgoingHttpHeaders = {}): Promise<HttpAnswer> {
  return http(`${url}/mcp`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
      ...headers
    },
    body: JSON.stringify(value)
  })
}

/** Posts a request of that method and gives the parsed answer. */
export async function ask(url: string, method: string, params?: object): Promise<unknown> {
  return (
    await post(url, { jsonrpc: '2.0', id: 1, method, ...(params === undefined ? {} : { params }) })
  ).json()
}

/** What the server sends back for raw bytes until it closes the connection or a time is over. */
export function raw(url: string, bytes: string | Buffer, milliseconds = 1000): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes))
    const done = (): void => {
      socket.destroy()
      resolve(Buffer.concat(chunks).toString('latin1'))
    }
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('end', done)
    socket.on('error', reject)
    socket.setTimeout(milliseconds, done)
  })
}
