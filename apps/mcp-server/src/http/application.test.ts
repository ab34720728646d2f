import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { http, post, raw } from '../../test/http-client.ts'
import { startServer, testServices, type TestServer } from '../../test/server.ts'
import { openRegistries } from '../open-registries.ts'
import { RecentAnswers } from '../protocol/recent-answers.ts'
import { resourceMethods } from '../protocol/resource-methods.ts'
import { registrySetting } from '../registry-setting.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer({ maxBodyBytes: 2048, maxJsonDepth: 8 })
})

afterAll(() => server.close())

const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
const mcp = { 'Content-Type': 'application/json' }

describe('POST /mcp', () => {
  test('answers a request with JSON and its id', async () => {
    const answer = await post(server.url, ping)
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('application/json')
    expect(answer.headers['x-request-id']).toMatch(/^[\w.-]+$/)
    expect(answer.headers['mcp-session-id']).toBeUndefined()
    expect(answer.json()).toEqual({ jsonrpc: '2.0', id: 1, result: {} })
  })

  test('answers a notification with 202 and no body', async () => {
    const answer = await post(server.url, { jsonrpc: '2.0', method: 'notifications/initialized' })
    expect([answer.status, answer.body]).toEqual([202, ''])
    expect(answer.headers['content-type']).toBeUndefined()
  })

  test('takes a response that nobody asked for, with 202', async () => {
    const answer = await post(server.url, { jsonrpc: '2.0', id: 9, result: {} })
    expect([answer.status, answer.body]).toEqual([202, ''])
  })

  test.each([
    ['not JSON', '{"jsonrpc"', -32700],
    ['empty', '', -32700],
    ['invalid UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22]), -32700],
    ['nested too deep', '['.repeat(9) + ']'.repeat(9), -32600],
    ['null', 'null', -32600],
    ['an id of null', '{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600],
    ['a fraction for an id', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600]
  ])('a body that is %s gets 400', async (_, body, code) => {
    const answer = await http(`${server.url}/mcp`, { method: 'POST', headers: mcp, body })
    expect(answer.status).toBe(400)
    expect(answer.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { code } })
  })

  test('a body of the largest size passes, one byte more gets 413', async () => {
    const fill = (size: number): string =>
      JSON.stringify({ ...ping, x: '' }).replace('""', `"${'x'.repeat(size)}"`)
    const bare = fill(0).length
    const send = (size: number) =>
      http(`${server.url}/mcp`, { method: 'POST', headers: mcp, body: fill(size - bare) })
    expect((await send(2048)).status).toBe(200)
    expect((await send(2049)).status).toBe(413)
    expect((await send(4_000_000)).status).toBe(413)
  })

  test('a chunked body that grows too large gets 413', async () => {
    const head =
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n'
    const chunk = `800\r\n${'x'.repeat(0x800)}\r\n`
    expect(await raw(server.url, head + chunk + chunk, { until: /\r\n\r\n/ })).toMatch(/^HTTP\/1\.1 413 /)
  })

  test.each([
    ['Content-Type: text/plain', { 'Content-Type': 'text/plain' }, 415],
    ['no Content-Type', {}, 415],
    ['a compressed body', { ...mcp, 'Content-Encoding': 'gzip' }, 415],
    ['Accept: text/html', { ...mcp, Accept: 'text/html' }, 406],
    ['an unknown revision', { ...mcp, 'MCP-Protocol-Version': '1999-01-01' }, 400],
    ['a foreign Host', { ...mcp, Host: 'evil.example' }, 403],
    ['a foreign Origin', { ...mcp, Origin: 'https://evil.example' }, 403],
    ['the origin null', { ...mcp, Origin: 'null' }, 403]
  ])('%s gets its status', async (_, headers, status) => {
    const answer = await http(`${server.url}/mcp`, { method: 'POST', headers, body: JSON.stringify(ping) })
    expect(answer.status).toBe(status)
    expect(answer.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { message: expect.any(String) } })
    expect(answer.body).not.toMatch(/evil|1999/)
  })

  test.each(['http://localhost:6274', 'https://127.0.0.1'])('Origin %s passes', async (origin) => {
    expect((await post(server.url, ping, { Origin: origin })).status).toBe(200)
  })

  test('takes a batch in 2025-03-26 and in no other revision', async () => {
    const batch = [ping, { jsonrpc: '2.0', method: 'notifications/x' }, { ...ping, id: 'two' }]
    const taken = await post(server.url, batch, { 'MCP-Protocol-Version': '2025-03-26' })
    expect(taken.json()).toEqual([
      { jsonrpc: '2.0', id: 1, result: {} },
      { jsonrpc: '2.0', id: 'two', result: {} }
    ])
    expect((await post(server.url, batch, { 'MCP-Protocol-Version': '2025-06-18' })).status).toBe(400)
  })

  test('a fault inside goes to the log and not to the client', async () => {
    const answer = await post(server.url, { ...ping, method: 'tools/call', params: { name: 'broken' } })
    expect(answer.status).toBe(200)
    expect(answer.body).not.toMatch(/secret|\.ts|at /)
    expect(JSON.stringify(server.log)).toContain('secret detail of the inside')
  })

  test('the log names request, tool and outcome, and holds no arguments', async () => {
    const answer = await post(
      server.url,
      { ...ping, method: 'tools/call', params: { name: 'echo', arguments: { text: 'pssst' } } },
      { 'X-Request-Id': 'mine-1' }
    )
    expect(answer.headers['x-request-id']).toBe('mine-1')
    expect(server.log.find((line) => line['requestId'] === 'mine-1')).toMatchObject({
      http: 'POST',
      path: '/mcp',
      status: 200,
      method: 'tools/call',
      tool: 'echo',
      outcome: 'ok',
      ms: expect.any(Number)
    })
    expect(JSON.stringify(server.log)).not.toContain('pssst')
  })

  test('probes that go well are logged for debugging only', async () => {
    await http(`${server.url}/ready`, { headers: { 'X-Request-Id': 'probe-1' } })
    await http(`${server.url}/ready`, { method: 'PUT', headers: { 'X-Request-Id': 'probe-2' } })
    const levels = server.log.flatMap(({ requestId, level }) =>
      String(requestId).startsWith('probe') ? [level] : []
    )
    expect(levels).toEqual([20, 30])
  })

  test("an unknown method's and path's own text stays out of the log", async () => {
    await post(server.url, { ...ping, method: 'evil-method' })
    await http(`${server.url}/evil-path`)
    expect(JSON.stringify(server.log)).not.toContain('evil-')
  })
})

describe('other methods and paths', () => {
  test.each([
    ['GET', '/mcp', { Accept: 'text/event-stream' }, 405],
    ['DELETE', '/mcp', {}, 405],
    ['PUT', '/mcp', {}, 405],
    ['OPTIONS', '/mcp', {}, 405],
    ['POST', '/health', {}, 405],
    ['GET', '/', {}, 404],
    ['GET', '/mcp/', {}, 404],
    ['GET', '/constructor', {}, 404],
    ['GET', '/health', { Origin: 'https://evil.example' }, 403],
    ['GET', '/', { Host: 'evil.example' }, 403]
  ])('%s %s with %j gets %d', async (method, path, headers, status) => {
    const answer = await http(`${server.url}${path}`, { method, headers })
    expect(answer.status).toBe(status)
    if (status === 405) expect(answer.headers.allow).toContain(path === '/mcp' ? 'POST' : 'GET')
  })

  test('/health says version, full SHA and uptime, to any Host', async () => {
    const answer = await http(`${server.url}/health`, { headers: { Host: '10.0.0.7:8000' } })
    expect(answer.status).toBe(200)
    expect(answer.json()).toEqual({
      status: 'ok',
      version: 'abc1234',
      revision: 'abc1234'.padEnd(40, '0'),
      uptime: 1.5
    })
  })

  test('/ready is 200, and so is HEAD of it without a body', async () => {
    expect((await http(`${server.url}/ready`)).json()).toEqual({ status: 'ready' })
    const head = await http(`${server.url}/ready`, { method: 'HEAD' })
    expect([head.status, head.body]).toEqual([200, ''])
  })

  test.each([
    ['an unknown HTTP version', 'GET /health HTTP/9.9\r\nHost: localhost\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['no request at all', '\u0000\u0001\u0002\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['no Host', 'GET /mcp HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 /],
    [
      'two lengths',
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx',
      /^HTTP\/1\.1 400 /
    ],
    [
      'huge headers',
      `GET /mcp HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      /^HTTP\/1\.1 431 /
    ],
    ['HTTP/1.0', 'GET /ready HTTP/1.0\r\n\r\n', /^HTTP\/1\.1 200 /]
  ])('%s is answered and the server goes on', async (_, bytes, expected) => {
    expect(await raw(server.url, bytes, { until: expected })).toMatch(expected)
    expect((await post(server.url, ping)).status).toBe(200)
  })

  test('pipelined requests are all answered, in order', async () => {
    const one = (id: number): string => {
      const body = JSON.stringify({ ...ping, id })
      return `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`
    }
    const answers = await raw(server.url, one(1) + one(2) + one(3), { until: /"id":3/ })
    expect([...answers.matchAll(/"id":(\d)/g)].map((match) => match[1])).toEqual(['1', '2', '3'])
  })

  test('a client that goes away in the middle of a body does no harm', async () => {
    const head =
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{'
    await raw(server.url, head, { milliseconds: 50 })
    expect((await post(server.url, ping)).status).toBe(200)
  })
})

test('a registry that cannot be listed is told of in the stream, beside those that can', async () => {
  const broken = registrySetting('s3://none?endpoint=http://127.0.0.1:1&anonymous')
  const { registries, close } = await openRegistries({
    registries: broken === undefined ? [] : [broken],
    stack: undefined,
    sample: undefined
  })
  const services = { ...(await testServices()), registries }
  await using lists = await startServer(
    {},
    [],
    (methods) => new Map([...methods, ...resourceMethods(services, new RecentAnswers())])
  )
  const { body } = await post(
    lists.url,
    { ...ping, method: 'resources/list' },
    { Accept: 'application/json, text/event-stream' }
  )
  expect(events(body)).toEqual([
    {
      jsonrpc: '2.0',
      method: 'notifications/message',
      params: { level: 'warning', data: expect.stringContaining('s3://none cannot be listed') }
    },
    { jsonrpc: '2.0', id: 1, result: { resources: expect.any(Array) } }
  ])
  await close()
})

/** The messages of a stream. */
function events(body: string): unknown[] {
  return [...body.matchAll(/^data: (.+)$/gm)].map(([, data = '']) => JSON.parse(data) as unknown)
}
