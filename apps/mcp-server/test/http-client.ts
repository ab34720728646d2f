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

/** The lines of one metric at a server's address of metrics. */
export async function metricLines(url: string | undefined, name: string): Promise<string> {
  const { body } = await http(url ?? '')
  return body
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`))
    .join('\n')
}

export interface RawOptions {
  /** Longest wait. @default 1000 */
  readonly milliseconds?: number
  /** What was waited for; missing: the end of the connection. */
  readonly until?: RegExp
}

/** What the server sends back for raw bytes until it closes the connection, what was waited for has come, or a time is over. */
export function raw(
  url: string,
  bytes: string | Buffer,
  { milliseconds = 1000, until }: RawOptions = {}
): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes))
    const done = (): void => {
      socket.destroy()
      resolve(received)
    }
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text
      if (until?.test(received) === true) done()
    })
    socket.on('end', done)
    socket.on('error', reject)
    socket.setTimeout(milliseconds, done)
  })
}
