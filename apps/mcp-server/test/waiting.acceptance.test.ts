import { expect, test } from '@jest/globals'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { probe } from '../src/http/probe.ts'
import { metricLines, post, raw } from './http-client.ts'
import { startServer } from './server.ts'
import { gate } from './tools.ts'

// What is only seen by waiting for seconds.

const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'gate' } }
const refusals = (url: string | undefined): Promise<string> => metricLines(url, 'mcp_http_refused_total')

test.each([
  ['headers', 'GET /mcp HTTP/1.1\r\nHost: local'],
  [
    'a body',
    'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{'
  ]
])('a client that never finishes %s is dropped with 408', async (_, bytes) => {
  await using server = await startServer({ requestTimeoutSeconds: 1 })
  expect(await raw(server.url, bytes, { milliseconds: 5000 })).toMatch(/^HTTP\/1\.1 408 /)
})

test('a call that takes too long is given up and gets 504', async () => {
  const { tool, release } = gate()
  await using server = await startServer({ callTimeoutSeconds: 1, metricsPort: 0 }, [tool])
  const answer = await post(server.url, call)
  expect([answer.status, answer.headers.connection]).toEqual([504, 'close'])
  expect(answer.json()).toMatchObject({ error: { message: 'The request took longer than 1 seconds' } })
  release()
  expect((await post(server.url, ping)).status).toBe(200)
  expect(await refusals(server.metricsUrl)).toContain('reason="call-time"} 1')
})

test('a client that reads nothing is dropped, and what it did not read is let go', async () => {
  await using server = await startServer({ sendTimeoutSeconds: 1, metricsPort: 0, ratePerAddress: 0 })
  const body = JSON.stringify({
    ...call,
    params: { name: 'echo', arguments: { text: 'x'.repeat(500_000) } }
  })
  const head = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${String(body.length)}\r\n\r\n`
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  socket.pause()
  for (let count = 0; count < 40; count++) socket.write(head + body)
  socket.on('error', () => socket.destroy())
  await new Promise((resolve) => socket.once('close', resolve))
  expect(await refusals(server.metricsUrl)).toContain('reason="not-reading"} 1')
  expect((await post(server.url, ping)).status).toBe(200)
})

test('a session ends when nothing happens in it', async () => {
  await using server = await startServer({ sessionMode: 'on', sessionIdleSeconds: 1 })
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } }
  const opened = await post(server.url, { ...ping, method: 'initialize', params })
  const headers = {
    'MCP-Protocol-Version': '2025-11-25',
    'Mcp-Session-Id': String(opened.headers['mcp-session-id'])
  }
  expect((await post(server.url, ping, headers)).status).toBe(200)
  await sleep(2300)
  expect((await post(server.url, ping, headers)).status).toBe(404)
})

test('a server that never answers its probe is not well, after two seconds', async () => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const started = performance.now()
  expect(await probe({ host: '127.0.0.1', port })).toContain('2 seconds')
  expect(performance.now() - started).toBeLessThan(4000)
  server.closeAllConnections()
  server.close()
})
