import { expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { http, post } from '../../../test/http-client.ts'
import { startServer } from '../../../test/server.ts'
import { callOf, initialize, openSession } from '../../../test/session.ts'
import { chatty, echo, gate } from '../../../test/tools.ts'

const ping = { jsonrpc: '2.0', id: 5, method: 'ping' }
const at = (address: string) => ({ 'X-Forwarded-For': address })

test('a call in a session that says nothing is ended when its time is over, and logged then', async () => {
  const { tool } = gate()
  await using server = await startServer({ sessionMode: 'on', callTimeoutSeconds: 0.2 }, [tool])
  const headers = await openSession(server.url)
  const { body } = await post(server.url, callOf('gate'), headers)
  expect(body).toContain('Ended: the call took longer than 0.2 seconds')
  expect(server.log).toContainEqual(expect.objectContaining({ method: 'tools/call', outcome: -32000 }))
})

test('a call that says how far it is may take longer, and ends with the time of streams', async () => {
  const talker = chatty()
  await using server = await startServer({ sessionMode: 'on', callTimeoutSeconds: 0.1, streamSeconds: 0.5 }, [
    talker.tool
  ])
  const headers = await openSession(server.url)
  const began = performance.now()
  await post(server.url, callOf('chatty'), headers)
  expect(performance.now() - began).toBeGreaterThan(400)
  await talker.cancelled
})

test('calls beyond the bound of a session are refused', async () => {
  const { tool, release } = gate()
  await using server = await startServer({ sessionMode: 'on', maxConcurrentRequests: 100 }, [tool])
  const headers = await openSession(server.url)
  const calls = Array.from({ length: 51 }, (_, id) => post(server.url, callOf('gate', id), headers))
  await Promise.race(calls).then(({ body }) => expect(body).toContain('50 calls of this session are running'))
  release()
  const bodies = await Promise.all(calls)
  expect(bodies.filter(({ body }) => body.includes('"passed":true'))).toHaveLength(50)
})

test('one address that opens many sessions ends its own and nobody else’s', async () => {
  await using server = await startServer({ sessionMode: 'on', maxSessions: 8, proxyHops: 1 })
  const other = { ...(await openSession(server.url, at('198.51.100.1'))), ...at('198.51.100.1') }
  const first = { ...(await openSession(server.url, at('198.51.100.2'))), ...at('198.51.100.2') }
  for (let count = 0; count < 20; count++) await openSession(server.url, at('198.51.100.2'))
  expect((await post(server.url, ping, other)).status).toBe(200)
  expect((await post(server.url, ping, first)).status).toBe(404)
})

test.each(['application/json', '*/*', 'application/*, text/*'])(
  'Accept: %s is enough in a session',
  async (accept) => {
    await using server = await startServer({ sessionMode: 'on' }, [echo])
    const headers = await openSession(server.url)
    const answer = await post(server.url, ping, { ...headers, Accept: accept })
    expect([answer.status, answer.body.includes('"id":5')]).toEqual([200, true])
    const opened = await initialize(server.url, { Accept: accept })
    expect(opened.status).toBe(200)
    // where every answer is a stream, one who takes none has no use for a session
    expect(opened.headers['mcp-session-id'] !== undefined).toBe(accept !== 'application/json')
  }
)

test('a session whose initialize failed takes nobody’s place', async () => {
  await using server = await startServer({ sessionMode: 'on', maxSessions: 1 }, [echo], (methods) => {
    let failures = 1
    const initializing = methods.get('initialize')
    return new Map(methods).set('initialize', (request, context) => {
      if (failures-- > 0) throw new Error('not this time')
      return initializing?.(request, context) ?? { result: {} }
    })
  })
  const failed = await initialize(server.url)
  const { 'mcp-session-id': id } = failed.headers
  await sleep(20)
  const version = { 'MCP-Protocol-Version': '2025-11-25' }
  expect((await post(server.url, ping, { ...version, 'Mcp-Session-Id': String(id) })).status).toBe(404)
  const headers = await openSession(server.url)
  expect((await post(server.url, ping, headers)).status).toBe(200)
})

test('what a client makes up is neither logged nor given back', async () => {
  await using server = await startServer({ sessionMode: 'on' }, [echo])
  const headers = await openSession(server.url)
  await post(server.url, { jsonrpc: '2.0', id: 99, result: { made: 'SECRET-UP' } }, headers)
  const progress = { progressToken: 'SECRET-TOKEN', progress: 1 }
  await post(server.url, { jsonrpc: '2.0', method: 'notifications/progress', params: progress }, headers)
  for (const method of ['GET', 'DELETE']) {
    const wrong = { ...headers, Accept: 'text/event-stream', 'MCP-Protocol-Version': 'SECRET-REVISION' }
    const answer = await http(`${server.url}/mcp`, { method, headers: wrong })
    expect([answer.status, answer.body.includes('SECRET')]).toEqual([400, false])
  }
  expect(JSON.stringify(server.log)).not.toContain('SECRET')
  expect(server.log).toContainEqual(expect.objectContaining({ kind: 'unknown-response' }))
  expect((await post(server.url, ping, headers)).status).toBe(200)
})
