import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterEach, describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { http, post, type HttpAnswer } from '../../../test/http-client.ts'
import { startServer, type TestServer } from '../../../test/server.ts'
import { chatty, echo, gate } from '../../../test/tools.ts'
import type { Config } from '../../config.ts'
import type { Tool } from '../../tools/tool.ts'
import { BoundedEventStore } from './event-store.ts'

let server: TestServer

afterEach(() => server.close())

async function start(overrides: Partial<Config> = {}, tools: readonly Tool[] = [echo]): Promise<void> {
  server = await startServer({ sessionMode: 'on', shutdownSeconds: 1, ...overrides }, tools)
}

const version = { 'MCP-Protocol-Version': '2025-11-25' }
const ping = { jsonrpc: '2.0', id: 5, method: 'ping' }

function initialize(capabilities: object = {}): Promise<HttpAnswer> {
  const params = { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 't', version: '1' } }
  return post(server.url, { jsonrpc: '2.0', id: 0, method: 'initialize', params })
}

async function openSession(): Promise<Record<string, string>> {
  const { headers } = await initialize()
  return { ...version, 'Mcp-Session-Id': String(headers['mcp-session-id']) }
}

describe('who gets a session', () => {
  test.each([
    ['off', { sampling: {} }, false],
    ['auto', {}, false],
    ['auto', { elicitation: {} }, true],
    ['on', {}, true]
  ] as const)('with SESSIONS=%s a client that declares %j: %s', async (sessionMode, capabilities, given) => {
    await start({ sessionMode })
    const { status, headers, body } = await initialize(capabilities)
    expect([status, headers['mcp-session-id'] !== undefined]).toEqual([200, given])
    expect(body).toContain('"protocolVersion":"2025-11-25"')
    expect(headers['x-content-type-options']).toBe('nosniff')
  })

  test('an initialize that is wrong opens none', async () => {
    await start()
    const answer = await post(server.url, { jsonrpc: '2.0', id: 0, method: 'initialize', params: {} })
    expect(answer.headers['mcp-session-id']).toBeUndefined()
    expect(answer.json()).toMatchObject({ id: 0, error: { code: -32602 } })
  })
})

describe('a session', () => {
  test('answers its client, and is gone when the client ends it', async () => {
    await start()
    const headers = await openSession()
    expect((await post(server.url, ping, headers)).body).toContain('"id":5')
    const note = { jsonrpc: '2.0', method: 'notifications/initialized' }
    expect((await post(server.url, note, headers)).status).toBe(202)
    expect((await http(`${server.url}/mcp`, { method: 'DELETE', headers })).status).toBe(200)
    expect((await post(server.url, ping, headers)).status).toBe(404)
  })

  test.each([
    ['POST', () => post(server.url, ping, { ...version, 'Mcp-Session-Id': 'nope' })],
    [
      'GET',
      () => http(`${server.url}/mcp`, { headers: { Accept: 'text/event-stream', 'Mcp-Session-Id': 'nope' } })
    ],
    ['DELETE', () => http(`${server.url}/mcp`, { method: 'DELETE', headers: { 'Mcp-Session-Id': 'nope' } })]
  ])('that is unknown gets 404 for %s', async (_, ask) => {
    await start()
    expect((await ask()).status).toBe(404)
  })

  test('beside it, requests without one are answered directly', async () => {
    await start()
    expect((await post(server.url, ping)).json()).toEqual({ jsonrpc: '2.0', id: 5, result: {} })
  })

  test('refuses what is no message, and batches of a revision that has none', async () => {
    await start()
    const headers = await openSession()
    for (const value of [7, { jsonrpc: '2.0' }, [ping], { ...ping, id: null }]) {
      const answer = await post(server.url, value, headers)
      expect([answer.status, answer.json()]).toMatchObject([400, { error: { code: -32600 } }])
    }
  })

  test('makes room for a new one when there are too many, unless all are in use', async () => {
    const { tool, started, release } = gate()
    await start({ maxSessions: 1 }, [tool])
    const first = await openSession()
    const second = await openSession()
    expect((await post(server.url, ping, first)).status).toBe(404)
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'gate' } }
    const busy = post(server.url, call, second)
    await started
    const refused = await initialize()
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '5'])
    release()
    expect((await busy).body).toContain('"passed":true')
  })

  test('is not held up by its stream when the server stops', async () => {
    await start()
    const headers = { ...(await openSession()), Accept: 'text/event-stream' }
    const stream = http(`${server.url}/mcp`, { headers })
    await sleep(50)
    const stopped = performance.now()
    expect(await server.close()).toBe(0)
    expect(performance.now() - stopped).toBeLessThan(900)
    expect((await stream).status).toBe(200)
  })

  test('never answers another client: two at once each get their own', async () => {
    await start()
    const [one, two] = await Promise.all([openSession(), openSession()])
    expect(one?.['Mcp-Session-Id']).not.toBe(two?.['Mcp-Session-Id'])
    const say = (headers: Record<string, string>, text: string) =>
      post(
        server.url,
        { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'echo', arguments: { text } } },
        headers
      )
    const [a, b] = await Promise.all([say(one ?? {}, 'to one'), say(two ?? {}, 'to two')])
    expect([a.body.includes('to one'), b.body.includes('to two')]).toEqual([true, true])
  })
})

test("the SDK's client hears progress and logs, and its cancellation arrives", async () => {
  const talker = chatty()
  await start({}, [talker.tool])
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`)))
  await client.setLoggingLevel('error')
  const heard: number[] = []
  const abort = new AbortController()
  const call = client.callTool({ name: 'chatty', arguments: {} }, undefined, {
    signal: abort.signal,
    onprogress: ({ progress }) => {
      heard.push(progress)
      abort.abort('enough')
    }
  })
  await expect(call).rejects.toThrow('enough')
  await talker.cancelled
  expect(heard).toEqual([1])
  await client.close()
})

describe('kept messages', () => {
  const message = (n: number) => ({ jsonrpc: '2.0' as const, method: 'notifications/x', params: { n } })

  test('are given from the one after the last that arrived, of the same stream', async () => {
    await start()
    const store = new BoundedEventStore({ maxEvents: 10, maxCharacters: 10_000 })
    const first = await store.storeEvent('a', message(1))
    await store.storeEvent('b', message(2))
    await store.storeEvent('a', message(3))
    const sent: unknown[] = []
    const stream = await store.replayEventsAfter(first, {
      send: (_, one) => {
        sent.push(one)
        return Promise.resolve()
      }
    })
    expect([stream, sent]).toEqual(['a', [message(3)]])
  })

  test.each([
    ['too many', { maxEvents: 3, maxCharacters: 10_000 }],
    ['too large', { maxEvents: 100, maxCharacters: 200 }]
  ])('are forgotten when they are %s, the oldest first', async (_, limits) => {
    await start()
    const store = new BoundedEventStore(limits)
    const ids = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => store.storeEvent('a', message(n))))
    expect(store.size).toBeLessThan(5)
    expect(await store.getStreamIdForEventId(ids[0] ?? '')).toBeUndefined()
    expect(await store.getStreamIdForEventId(ids[5] ?? '')).toBe('a')
    await expect(store.replayEventsAfter(ids[0] ?? '', { send: () => Promise.resolve() })).rejects.toThrow()
  })
})
