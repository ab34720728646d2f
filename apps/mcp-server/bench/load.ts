import autocannon from 'autocannon'
import { request } from 'node:http'
import type { Contestant } from './contestant.ts'

/** What clients post, again and again. */
export interface Post {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Load {
  readonly requestsPerSecond: number
  /** CPU time of the server for one request, in microseconds. */
  readonly microseconds: number
  /** Milliseconds from sending a request to having its answer, which 99 of 100 stay below. */
  readonly p99: number
}

const connections = 16

export function message(method: string, params?: object): Post {
  return {
    headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, ...(params === undefined ? {} : { params }) })
  }
}

/** The same in revision 2026-07-28, with what that wants beside it. */
export function modernMessage(method: string, params: Readonly<Record<string, unknown>> = {}): Post {
  const revision = '2026-07-28'
  const plain = message(method, {
    ...params,
    _meta: {
      'io.modelcontextprotocol/protocolVersion': revision,
      'io.modelcontextprotocol/clientCapabilities': {}
    }
  })
  return {
    body: plain.body,
    headers: {
      ...plain.headers,
      'MCP-Protocol-Version': revision,
      'Mcp-Method': method,
      ...(typeof params['name'] === 'string' ? { 'Mcp-Name': params['name'] } : {})
    }
  }
}

/** Posts from 16 connections for some seconds, as fast as answers come or at a rate. Throws where an answer is none of 200 with a result. */
export async function load(
  server: Contestant,
  post: Post,
  { seconds, rate }: { readonly seconds: number; readonly rate?: number }
): Promise<Load> {
  await check(server, post)
  const times: number[] = []
  const before = await server.cpuSeconds()
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const options = {
      url: server.url,
      method: 'POST' as const,
      headers: { ...post.headers },
      body: post.body,
      connections,
      duration: seconds,
      ...(rate === undefined ? {} : { overallRate: rate })
    }
    autocannon(options, (error: unknown, done) => {
      if (error instanceof Error) reject(error)
      else resolve(done)
    }).on('response', (_client, _status, _bytes, milliseconds) => {
      times.push(milliseconds)
    })
  })
  const used = (await server.cpuSeconds()) - before
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(
      `${String(result.non2xx)} answers were no 200, ${String(result.errors)} connections failed`
    )
  times.sort((a, b) => a - b)
  return {
    requestsPerSecond: times.length / result.duration,
    microseconds: (used / times.length) * 1e6,
    p99: times[Math.floor(times.length * 0.99)] ?? Number.NaN
  }
}

/** The first 100,000 requests warm up; then memory should stay where it is. Returns mebibytes after each 100,000. */
export async function memoryOver(
  server: Contestant,
  post: Post,
  requests: number
): Promise<readonly number[]> {
  const step = 100_000
  const found: number[] = []
  for (let sent = 0; sent < requests; sent += step) {
    await autocannon({
      url: server.url,
      method: 'POST',
      headers: { ...post.headers },
      body: post.body,
      connections,
      amount: step
    })
    found.push(await server.mebibytes())
  }
  return found
}

async function check(server: Contestant, post: Post): Promise<void> {
  const { status, text } = await postOnce(server, post)
  if (status !== 200 || !text.includes('"result"'))
    throw new Error(`${post.body} got ${String(status)}: ${text.slice(0, 300)}`)
}

/** One answer, over a connection of its own. */
export function postOnce(
  server: Contestant,
  { headers, body }: Post
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    request(server.url, { method: 'POST', headers: { ...headers }, agent: false }, (response) => {
      let text = ''
      response
        .setEncoding('utf8')
        .on('data', (chunk: string) => (text += chunk))
        .on('end', () => {
          resolve({ status: response.statusCode ?? 0, text })
        })
    })
      .on('error', reject)
      .end(body)
  })
}
