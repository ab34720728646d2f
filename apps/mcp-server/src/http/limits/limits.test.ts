import { expect, test } from '@jest/globals'
import { once } from 'node:events'
import { connect } from 'node:net'
import { http, metricLines, post, raw } from '../../../test/http-client.ts'
import { startServer } from '../../../test/server.ts'
import { gate } from '../../../test/tools.ts'

const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'gate' } }
const elsewhere = { 'X-Forwarded-For': '198.51.100.7' }

const refusals = (url: string | undefined): Promise<string> => metricLines(url, 'mcp_http_refused_total')

test('one address over its rate gets 429 with Retry-After, others and probes do not', async () => {
  await using server = await startServer({ ratePerAddress: 1, proxyHops: 1, metricsPort: 0 })
  const statuses: number[] = []
  for (let count = 0; count < 4; count++) statuses.push((await post(server.url, ping, elsewhere)).status)
  expect(statuses).toEqual([200, 200, 429, 429])
  const refused = await post(server.url, ping, elsewhere)
  expect(refused.headers['retry-after']).toBe('1')
  expect((await post(server.url, ping, { 'X-Forwarded-For': '198.51.100.8' })).status).toBe(200)
  expect((await post(server.url, ping)).status).toBe(200)
  expect((await http(`${server.url}/ready`, { headers: elsewhere })).status).toBe(200)
  expect(await refusals(server.metricsUrl)).toContain('reason="rate-address"} 3')
})

test('too many requests at once get 503 with Retry-After, and probes do not', async () => {
  const { tool, started, release } = gate()
  await using server = await startServer({ maxConcurrentRequests: 1, metricsPort: 0 }, [tool])
  const pending = post(server.url, call)
  await started
  const refused = await post(server.url, ping)
  expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1'])
  expect((await http(`${server.url}/health`)).status).toBe(200)
  release()
  expect((await pending).status).toBe(200)
  expect((await post(server.url, ping)).status).toBe(200)
  expect(await refusals(server.metricsUrl)).toContain('reason="concurrency"} 1')
})

test('a connection on which too many requests wait behind one another is closed, and keeps out nobody', async () => {
  const { tool, started, release } = gate()
  await using server = await startServer({ maxConcurrentRequests: 40, metricsPort: 0 }, [tool])
  const body = JSON.stringify(call)
  const one = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`
  const closed = [1, 2, 3].map(() => raw(server.url, one.repeat(60)))
  await started
  for (const connection of closed) await connection.catch(() => '')
  expect((await post(server.url, ping)).status).toBe(200)
  release()
  expect(await refusals(server.metricsUrl)).toMatch(/reason="queue"\} [1-9]/)
  expect((await http(server.metricsUrl ?? '')).body).toContain('mcp_http_requests_in_flight 0\n')
})

test('too many headers get 431, as do headers that are too large', async () => {
  await using server = await startServer({ maxHeaders: 20, maxHeaderBytes: 2048, metricsPort: 0 })
  const many = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`X-${String(index)}`, 'x']))
  expect((await post(server.url, ping, many)).status).toBe(431)
  expect((await post(server.url, ping, { 'X-Large': 'x'.repeat(3000) })).status).toBe(431)
  expect((await post(server.url, ping)).status).toBe(200)
  const counted = await refusals(server.metricsUrl)
  expect(counted).toContain('reason="header-count"} 1')
  expect(counted).toContain('reason="header-size"} 1')
})

test('connections beyond the bound are closed at once', async () => {
  await using server = await startServer({ maxConnections: 2, metricsPort: 0 })
  const port = Number(new URL(server.url).port)
  const held = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
  await Promise.all(held.map((socket) => once(socket, 'connect')))
  expect(await raw(server.url, 'GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n').catch(() => '')).toBe('')
  for (const socket of held) socket.destroy()
  expect(await refusals(server.metricsUrl)).toContain('reason="connections"} 1')
})

test('what is refused before it is read is counted by its reason', async () => {
  await using server = await startServer({ metricsPort: 0, maxJsonDepth: 8, maxBodyBytes: 1024 })
  await post(server.url, ping, { Origin: 'https://evil.example' })
  await post(server.url, ping, { Host: 'evil.example' })
  await post(server.url, JSON.parse('['.repeat(9) + ']'.repeat(9)))
  await post(server.url, 'x'.repeat(2000))
  await raw(server.url, 'nonsense\r\n\r\n')
  const counted = await refusals(server.metricsUrl)
  for (const reason of ['origin', 'host', 'json-depth', 'body-size', 'malformed'])
    expect(counted).toContain(`reason="${reason}"} 1`)
})

test('a call that never ends is answered and logged when its time is over', async () => {
  const { tool } = gate()
  await using server = await startServer({ callTimeoutSeconds: 0.1 }, [tool])
  const batch = [call, { ...call, id: 2 }]
  const [one, several] = await Promise.all([
    post(server.url, call, { 'X-Request-Id': 'request-1' }),
    post(server.url, batch, { 'MCP-Protocol-Version': '2025-03-26' })
  ])
  expect([one.status, one.json()]).toMatchObject([504, { id: 1, error: { code: -32000 } }])
  expect([several.status, several.json()]).toMatchObject([504, { id: null, error: { code: -32000 } }])
  expect(one.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-request-id': 'request-1' })
  expect(server.log).toContainEqual(
    expect.objectContaining({ requestId: 'request-1', reason: 'call-time', msg: 'a request was given up' })
  )
})
