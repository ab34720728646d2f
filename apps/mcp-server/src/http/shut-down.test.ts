import { expect, test } from '@jest/globals'
import { Agent } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { http, post } from '../../test/http-client.ts'
import { startServer } from '../../test/server.ts'
import { gate } from '../../test/tools.ts'

const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'gate' } }

test('with nothing in flight the server stops at once, kept-alive connections too', async () => {
  const server = await startServer()
  const agent = new Agent({ keepAlive: true })
  await http(`${server.url}/ready`, { agent })
  const started = performance.now()
  expect(await server.close()).toBe(0)
  expect(performance.now() - started).toBeLessThan(2500)
  await expect(http(`${server.url}/ready`)).rejects.toThrow(/ECONNREFUSED/)
  agent.destroy()
})

test('while a request is in flight /ready says 503, then the request is answered', async () => {
  const { tool, started, release } = gate()
  const server = await startServer({}, [tool])
  const pending = post(server.url, call)
  await started
  const closed = server.close()
  const ready = await http(`${server.url}/ready`)
  expect([ready.status, ready.json()]).toEqual([503, { status: 'draining' }])
  expect(ready.headers.connection).toBe('close')
  expect((await http(`${server.url}/health`)).status).toBe(200)
  release()
  const answer = await pending
  expect(answer.json()).toMatchObject({ result: { structuredContent: { passed: true } } })
  expect(await closed).toBe(0)
})

test('a kept-alive connection that becomes idle during the shutdown does not hold it up', async () => {
  const { tool, started, release } = gate()
  const server = await startServer({}, [tool])
  const agent = new Agent({ keepAlive: true })
  const pending = http(`${server.url}/mcp`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(call),
    agent
  })
  await started
  const closed = server.close()
  await sleep(50)
  release()
  const answer = await pending
  expect([answer.status, answer.headers.connection]).toEqual([200, 'close'])
  const from = performance.now()
  expect(await closed).toBe(0)
  expect(performance.now() - from).toBeLessThan(2500)
  agent.destroy()
})

test('a request that takes longer than the grace is answered with 503, and counted', async () => {
  const { tool, started } = gate()
  const server = await startServer({ shutdownSeconds: 0 }, [tool])
  const pending = post(server.url, call, { 'X-Request-Id': 'request-1' })
  await started
  expect(await server.close()).toBe(1)
  const answer = await pending
  expect([answer.status, answer.headers.connection]).toEqual([503, 'close'])
  expect(answer.json()).toMatchObject({ id: 1, error: { message: 'The server is stopping' } })
  expect(answer.headers).toMatchObject({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': 'request-1'
  })
})

test('a connection on which nothing was ever sent does not hold it up', async () => {
  const server = await startServer()
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  const started = performance.now()
  expect(await server.close()).toBe(0)
  expect(performance.now() - started).toBeLessThan(2500)
  socket.destroy()
})
