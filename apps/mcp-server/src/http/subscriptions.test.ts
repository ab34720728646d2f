import { afterEach, expect, test } from '@jest/globals'
import { post } from '../../test/http-client.ts'
import { startServer, type TestServer } from '../../test/server.ts'
import { callOf, openSession } from '../../test/session.ts'
import { gate } from '../../test/tools.ts'
import type { Config } from '../config.ts'
import type { Method } from '../protocol/method.ts'

const version = '2026-07-28'
const _meta = {
  'io.modelcontextprotocol/protocolVersion': version,
  'io.modelcontextprotocol/clientInfo': { name: 't', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {}
}
const call = { ...callOf('gate'), params: { name: 'gate', _meta } }

let server: TestServer

afterEach(() => server.close())

/** The product tells nobody of changes; this server says that it would. */
function withChanges(methods: ReadonlyMap<string, Method>): ReadonlyMap<string, Method> {
  const others = { resources: {}, prompts: {}, completions: {}, logging: {} }
  const result = {
    protocolVersion: '2025-11-25',
    capabilities: { ...others, tools: { listChanged: true } },
    serverInfo: { name: 't', version: '1' }
  }
  return new Map(methods).set('initialize', () => ({ result }))
}

async function start(
  overrides: Partial<Config> = {},
  change = withChanges
): Promise<ReturnType<typeof gate>> {
  const gated = gate()
  server = await startServer(overrides, [gated.tool], change)
  return gated
}

function subscribe(from = '127.0.0.1'): Promise<Response> {
  const params = { _meta, notifications: { toolsListChanged: true } }
  return fetch(`${server.url}/mcp`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
      'MCP-Protocol-Version': version,
      'Mcp-Method': 'subscriptions/listen',
      'X-Forwarded-For': from
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 'sub-1', method: 'subscriptions/listen', params })
  })
}

test('a subscription is ended with its result when the server begins to stop, while a call goes on', async () => {
  const { started, release } = await start()
  const subscription = await subscribe()
  const headers = { 'MCP-Protocol-Version': version, 'Mcp-Method': 'tools/call', 'Mcp-Name': 'gate' }
  const pending = post(server.url, call, headers)
  await started
  const closed = server.close()
  const text = await subscription.text()
  expect(text).toContain('"id":"sub-1","result":{"resultType":"complete"')
  expect((await subscribe()).status).toBe(503)
  release()
  expect((await pending).body).toContain('"passed":true')
  expect(await closed).toBe(0)
})

test('a subscription to what never changes is ended at once', async () => {
  await start({}, (methods) => new Map(methods))
  expect(await (await subscribe()).text()).toContain('"resultType":"complete"')
})

test('one address has a quarter of the requests at once as streams, and all together three quarters', async () => {
  await start({ maxConcurrentRequests: 8, proxyHops: 1 })
  const from = ['198.51.100.1', '198.51.100.2', '198.51.100.3', '198.51.100.4']
  const statuses: number[] = []
  const open: Response[] = []
  for (const address of from.flatMap((one) => [one, one])) open.push(await subscribe(address))
  for (const { status } of open) statuses.push(status)
  statuses.push((await subscribe('198.51.100.1')).status)
  expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 503, 503, 429])
  expect((await post(server.url, { jsonrpc: '2.0', id: 1, method: 'ping' })).status).toBe(200)
  await open[0]?.body?.cancel()
  let status = 0
  while (status !== 200) ({ status } = await subscribe('198.51.100.1'))
})

test('the streams of sessions count among them', async () => {
  await start({ sessionMode: 'on', maxConcurrentRequests: 4, proxyHops: 1 })
  const from = { 'X-Forwarded-For': '198.51.100.1' }
  const headers = { ...(await openSession(server.url, from)), Accept: 'text/event-stream' }
  const given = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)])
  const get = (): Promise<Response> => fetch(`${server.url}/mcp`, { headers: given })
  const first = await get()
  expect([first.status, (await get()).status]).toEqual([200, 429])
  await first.body?.cancel()
})
