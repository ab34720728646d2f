import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { http, post, type HttpAnswer } from '../../test/http-client.ts'
import { startServer, type TestServer } from '../../test/server.ts'
import { broken, chatty, echo, refusing } from '../../test/tools.ts'

let server: TestServer
const talker = chatty()

beforeAll(async () => {
  talker.release()
  server = await startServer({}, [echo, refusing, broken, talker.tool])
})

afterAll(() => server.close())

const version = '2026-07-28'
const envelope = {
  'io.modelcontextprotocol/protocolVersion': version,
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' }
}
const serverInfo = { name: 'quilt-mcp', title: 'Test <server>', version: 'abc1234'.padEnd(40, '0') }

type Headers = Record<string, string>

function send(
  method: string,
  params: Record<string, unknown> = {},
  headers: Headers = {},
  message: object = {}
): Promise<HttpAnswer> {
  const { name, uri } = params
  const named = name ?? uri
  return post(
    server.url,
    { jsonrpc: '2.0', id: 1, method, params: { _meta: envelope, ...params }, ...message },
    {
      'MCP-Protocol-Version': version,
      'Mcp-Method': method,
      ...(typeof named === 'string' ? { 'Mcp-Name': named } : {}),
      ...headers
    }
  )
}

describe('what works', () => {
  test('server/discover says revision, capabilities, instructions and who answers', async () => {
    const { status, headers, body } = await send('server/discover')
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('application/json')
    expect(JSON.parse(body)).toEqual({
      jsonrpc: '2.0',
      id: 1,
      result: {
        supportedVersions: [version],
        capabilities: expect.objectContaining({ tools: {} }),
        instructions: 'Test.',
        resultType: 'complete',
        ttlMs: 60_000,
        cacheScope: 'private',
        _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo }
      }
    })
  })

  test.each(['tools/list', 'resources/list', 'resources/templates/list', 'prompts/list'])(
    '%s says how long it may be kept',
    async (method) => {
      expect((await send(method)).json()).toMatchObject({
        result: { resultType: 'complete', ttlMs: 60_000, cacheScope: 'private', _meta: {} }
      })
    }
  )

  test('tools/call, its errors and the faults of a tool', async () => {
    expect((await send('tools/call', { name: 'echo', arguments: { text: 'hi' } })).json()).toEqual({
      jsonrpc: '2.0',
      id: 1,
      result: {
        content: [{ type: 'text', text: 'hi' }],
        structuredContent: { text: 'hi' },
        resultType: 'complete',
        _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo }
      }
    })
    const refused = await send('tools/call', { name: 'refusing' })
    expect(refused.json()).toMatchObject({
      result: {
        isError: true,
        resultType: 'complete',
        _meta: {
          'quilt-mcp/failure': { code: 'too-late' },
          'io.modelcontextprotocol/serverInfo': serverInfo
        }
      }
    })
    const unknown = await send('tools/call', { name: 'nope' })
    expect([unknown.status, unknown.json()]).toMatchObject([200, { error: { code: -32602 } }])
  })

  test('a name in base64, as headers need it for what is not ASCII', async () => {
    const headers = { 'Mcp-Name': `=?base64?${Buffer.from('echo').toString('base64')}?=` }
    const answer = await send('tools/call', { name: 'echo', arguments: { text: 'hi' } }, headers)
    expect(answer.json()).toMatchObject({ result: { structuredContent: { text: 'hi' } } })
  })

  test('a stream with progress for a token, and logs at the level that is asked for', async () => {
    const call = (_meta: object) =>
      send('tools/call', { name: 'chatty', arguments: {}, _meta: { ...envelope, ..._meta } })
    expect((await call({})).headers['content-type']).toBe('application/json')
    const told = await call({ progressToken: 5, 'io.modelcontextprotocol/logLevel': 'info' })
    expect(told.headers['content-type']).toBe('text/event-stream')
    expect(told.body).toMatch(/"progressToken":5[^]*"seen"[^]*"done":true/)
    const quiet = await call({ progressToken: 5, 'io.modelcontextprotocol/logLevel': 'error' })
    expect(quiet.body).not.toContain('"seen"')
  })

  test('session and resumption headers are ignored', async () => {
    const answer = await send('tools/list', {}, { 'Mcp-Session-Id': 'x', 'Last-Event-ID': '1' })
    expect(answer.status).toBe(200)
  })
})

describe('what is refused, with the status and code of the specification', () => {
  const modern = { 'MCP-Protocol-Version': version }
  const bare = (value: unknown, headers: Headers = modern) => post(server.url, value, headers)
  const ping = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
  const without = (key: keyof typeof envelope) =>
    Object.fromEntries(Object.entries(envelope).filter(([name]) => name !== key))

  test.each<[string, () => Promise<HttpAnswer>, number, number]>([
    ['a batch', () => bare([{ ...ping, params: { _meta: envelope } }]), 400, -32600],
    ['an id of null', () => bare({ ...ping, id: null, params: { _meta: envelope } }), 400, -32600],
    ['a fraction for an id', () => bare({ ...ping, id: 1.5, params: { _meta: envelope } }), 400, -32600],
    ['what is no message', () => bare({ jsonrpc: '2.0' }), 400, -32600],
    ['no envelope', () => bare(ping), 400, -32602],
    [
      'an envelope without capabilities',
      () => send('tools/list', { _meta: without('io.modelcontextprotocol/clientCapabilities') }),
      400,
      -32602
    ],
    [
      'an unknown level of logs',
      () => send('tools/list', { _meta: { ...envelope, 'io.modelcontextprotocol/logLevel': 'loud' } }),
      400,
      -32602
    ],
    [
      'a header of another version',
      () => send('tools/list', {}, { 'MCP-Protocol-Version': '2025-11-25' }),
      400,
      -32020
    ],
    [
      'a version nobody speaks',
      () =>
        send(
          'tools/list',
          { _meta: { ...envelope, 'io.modelcontextprotocol/protocolVersion': '2099-01-01' } },
          { 'MCP-Protocol-Version': '2099-01-01' }
        ),
      400,
      -32022
    ],
    [
      'a header of another method',
      () => send('tools/list', {}, { 'Mcp-Method': 'prompts/list' }),
      400,
      -32020
    ],
    ['no header of the method', () => bare({ ...ping, params: { _meta: envelope } }), 400, -32020],
    [
      'a header of another name',
      () => send('tools/call', { name: 'echo', arguments: { text: 'a' } }, { 'Mcp-Name': 'refusing' }),
      400,
      -32020
    ],
    [
      'a name in broken base64',
      () => send('tools/call', { name: 'echo' }, { 'Mcp-Name': '=?base64?!?=' }),
      400,
      -32020
    ],
    ['an unknown method', () => send('nope'), 404, -32601],
    ['initialize', () => send('initialize'), 404, -32601],
    ['ping', () => send('ping'), 404, -32601],
    ['logging/setLevel', () => send('logging/setLevel', { level: 'info' }), 404, -32601],
    ['resources/subscribe', () => send('resources/subscribe', { uri: 'x' }), 404, -32601],
    ['arguments that are a list', () => send('tools/call', { name: 'echo', arguments: [] }), 200, -32602],
    ['a cursor that is no text', () => send('tools/list', { cursor: 5 }), 200, -32602],
    ['a cursor it never gave', () => send('tools/list', { cursor: 'x' }), 200, -32602]
  ])('%s', async (_, ask, status, code) => {
    const answer = await ask()
    expect([answer.status, answer.json()]).toMatchObject([status, { error: { code } }])
  })

  test('the version that is asked for, and those there are, stand in the error', async () => {
    const answer = await send(
      'tools/list',
      { _meta: { ...envelope, 'io.modelcontextprotocol/protocolVersion': '2099-01-01' } },
      { 'MCP-Protocol-Version': '2099-01-01' }
    )
    expect(answer.json()).toMatchObject({
      error: { data: { supported: [version], requested: '2099-01-01' } }
    })
  })

  test('bytes that are no JSON', async () => {
    const headers = { 'Content-Type': 'application/json', ...modern }
    const answer = await http(`${server.url}/mcp`, { method: 'POST', headers, body: '{' })
    expect([answer.status, answer.json()]).toMatchObject([400, { error: { code: -32700 } }])
  })

  test.each(['GET', 'DELETE', 'PUT'])('%s', async (method) => {
    const headers = { ...modern, Accept: 'text/event-stream' }
    expect((await http(`${server.url}/mcp`, { method, headers })).status).toBe(405)
  })
})

test('a notification gets 202 and no body', async () => {
  const answer = await send('notifications/cancelled', { requestId: 1 }, {}, { id: undefined })
  expect([answer.status, answer.body]).toEqual([202, ''])
})

test('a subscription is acknowledged with its id, and ends when the client goes', async () => {
  const abort = new AbortController()
  const response = await fetch(`${server.url}/mcp`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
      'MCP-Protocol-Version': version,
      'Mcp-Method': 'subscriptions/listen'
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 'sub-1',
      method: 'subscriptions/listen',
      params: { _meta: envelope, notifications: { toolsListChanged: true } }
    }),
    signal: abort.signal
  })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const { value } = (await response.body?.getReader().read()) ?? {}
  expect(Buffer.from(value ?? []).toString()).toContain('sub-1')
  abort.abort()
})
