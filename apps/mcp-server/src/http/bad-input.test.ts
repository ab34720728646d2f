import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { gzipSync } from 'node:zlib'
import { ask, http, post, raw } from '../../test/http-client.ts'
import { startServer, type TestServer } from '../../test/server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer({ sessionMode: 'on' })
})

afterAll(() => server.close())

const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}'
const json = { 'Content-Type': 'application/json' }
const modern = { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/list' }

async function session(): Promise<Record<string, string>> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } }
  const { headers } = await post(server.url, { jsonrpc: '2.0', id: 0, method: 'initialize', params })
  return { 'MCP-Protocol-Version': '2025-11-25', 'Mcp-Session-Id': String(headers['mcp-session-id']) }
}

const doors: readonly (readonly [string, () => Record<string, string> | Promise<Record<string, string>>])[] =
  [
    ['the direct door', () => ({})],
    ['a session', session],
    ['the newest revision', () => modern]
  ]

test.each(
  doors.flatMap(([door, headers]) =>
    (
      [
        ['malformed JSON', { body: '{"jsonrpc"' }, 400, -32700],
        ['nothing', { body: '' }, 400, -32700],
        ['invalid UTF-8', { body: Buffer.from([0x22, 0xff, 0x22]) }, 400, -32700],
        ['a wrong content type', { headers: { 'Content-Type': 'text/plain' }, body: ping }, 415, -32000],
        ['a wrong Accept', { headers: { Accept: 'text/html' }, body: ping }, 406, -32000],
        ['a gzip body', { headers: { 'Content-Encoding': 'gzip' }, body: gzipSync(ping) }, 415, -32000],
        ['an id of null', { body: '{"jsonrpc":"2.0","id":null,"method":"ping"}' }, 400, -32600],
        ['a huge number for an id', { body: '{"jsonrpc":"2.0","id":1e999,"method":"ping"}' }, 400, -32600],
        ['a number', { body: '5' }, 400, -32600]
      ] as const
    ).map(([title, sent, status, code]) => [door, title, headers, sent, status, code] as const)
  )
)('%s answers %s as the specification says', async (_, __, headers, sent, status, code) => {
  const answer = await http(`${server.url}/mcp`, {
    method: 'POST',
    headers: {
      ...json,
      Accept: 'application/json, text/event-stream',
      ...(await headers()),
      ...('headers' in sent ? sent.headers : {})
    },
    body: sent.body
  })
  expect([answer.status, answer.json()]).toMatchObject([status, { id: null, error: { code } }])
  expect(await ask(server.url, 'ping')).toEqual({ jsonrpc: '2.0', id: 1, result: {} })
})

test('a version nobody speaks is refused, by a session too', async () => {
  for (const headers of [{}, await session()]) {
    const answer = await post(server.url, JSON.parse(ping), {
      ...headers,
      'MCP-Protocol-Version': '1999-01-01'
    })
    expect([answer.status, answer.json()]).toMatchObject([400, { error: { code: -32600 } }])
  }
})

test('a notification with an id is a request, of a method that is not there', async () => {
  const note = { jsonrpc: '2.0', id: 3, method: 'notifications/initialized' }
  expect((await post(server.url, note)).json()).toMatchObject({ id: 3, error: { code: -32601 } })
})

test('of two ids the last counts, and an answer that nobody asked for is taken', async () => {
  const twice = '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}'
  const answer = await http(`${server.url}/mcp`, { method: 'POST', headers: json, body: twice })
  expect(answer.json()).toMatchObject({ id: 2, result: {} })
  expect((await post(server.url, { jsonrpc: '2.0', id: 99, result: {} })).status).toBe(202)
  expect((await post(server.url, { jsonrpc: '2.0', id: 99, result: {} }, await session())).status).toBe(202)
})

test.each([
  ['an upgrade to WebSocket', 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'],
  [
    'an upgrade to HTTP/2',
    'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n'
  ]
])('%s is not made: the request is answered as it is', async (_, headers) => {
  const bytes = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${String(ping.length)}\r\n${headers}\r\n${ping}`
  const answer = await raw(server.url, bytes, { until: /"result":\{\}/ })
  expect(answer).toMatch(/^HTTP\/1\.1 200 /)
  expect(answer).toContain('"result":{}')
})

test('HTTP/1.0 gets its answer and the end of the connection', async () => {
  const bytes = `POST /mcp HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${String(ping.length)}\r\n\r\n${ping}`
  expect(await raw(server.url, bytes, { milliseconds: 2000 })).toMatch(/^HTTP\/1\.1 200 [^]*"result":{}/)
})
