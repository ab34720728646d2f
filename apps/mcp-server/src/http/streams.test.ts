import { afterEach, describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { http, post } from '../../test/http-client.ts'
import { startServer, type TestServer } from '../../test/server.ts'
import { chatty, echo } from '../../test/tools.ts'
import type { Config } from '../config.ts'

let server: TestServer
let tool: ReturnType<typeof chatty>

afterEach(async () => {
  tool.release()
  await server.close()
})

async function start(overrides: Partial<Config> = {}): Promise<void> {
  tool = chatty()
  server = await startServer(overrides, [tool.tool, echo])
}

const meta = { progressToken: 'p1' }
const call = (args: object, _meta: object = meta) => ({
  jsonrpc: '2.0',
  id: 7,
  method: 'tools/call',
  params: { name: 'chatty', arguments: args, _meta }
})
const both = { Accept: 'application/json, text/event-stream' }

/** The messages of a stream. */
function messages(body: string): unknown[] {
  return body
    .split('\n\n')
    .filter((event) => event.includes('data: '))
    .map((event) => JSON.parse(event.slice(event.indexOf('data: ') + 6)) as unknown)
}

describe('an answer becomes a stream', () => {
  test('with the first thing there is to tell, and ends with the answer', async () => {
    await start()
    const answer = post(server.url, call({}))
    await tool.started
    tool.release()
    const { status, headers, body } = await answer
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/event-stream')
    expect(headers['x-accel-buffering']).toBe('no')
    expect(headers['x-request-id']).toMatch(/./)
    expect(messages(body)).toEqual([
      {
        jsonrpc: '2.0',
        method: 'notifications/progress',
        params: { progressToken: 'p1', progress: 1, total: 2, message: 'half' }
      },
      { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'seen' } },
      {
        jsonrpc: '2.0',
        id: 7,
        result: { content: [{ type: 'text', text: 'Done.' }], structuredContent: { done: true } }
      }
    ])
  })

  test.each([
    ['the client does not read streams', call({}), { Accept: 'application/json' }],
    ['no header says what it reads', call({}), { Accept: '*/*' }],
    ['it gave no token and the message is below its level', call({ level: 'debug' }, {}), both]
  ])('but not where %s', async (_, message, headers) => {
    await start()
    tool.release()
    const answer = await post(server.url, message, headers)
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    expect(answer.json()).toMatchObject({ id: 7 })
  })

  test('of a batch too, in the revision that has them', async () => {
    await start()
    tool.release()
    const batch = [call({}), { jsonrpc: '2.0', id: 8, method: 'ping' }]
    const { headers, body } = await post(server.url, batch, { 'MCP-Protocol-Version': '2025-03-26' })
    expect(headers['content-type']).toBe('text/event-stream')
    expect(messages(body).at(-1)).toMatchObject([{ id: 7 }, { id: 8 }])
  })
})

describe('a stream ends', () => {
  test('with an error that says why, when it is too old; its call is cancelled', async () => {
    await start({ streamSeconds: 0.2 })
    const { body } = await post(server.url, call({}))
    expect(messages(body).at(-1)).toMatchObject({ id: 7, error: { code: -32000 } })
    await tool.cancelled
  })

  test('with an error that says why, when the server stops', async () => {
    await start({ shutdownSeconds: 0 })
    const answer = post(server.url, call({}))
    await tool.started
    await sleep(20)
    await server.close()
    expect(messages((await answer).body).at(-1)).toMatchObject({
      id: 7,
      error: { code: -32000, message: expect.stringContaining('stopping') }
    })
  })
})

test.each([
  ['before anything was sent', {}, 'debug'],
  ['in the middle of a stream', meta, 'info']
])('a client that goes away %s cancels', async (_, given, level) => {
  await start()
  const abort = new AbortController()
  const answer = fetch(`${server.url}/mcp`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...both },
    body: JSON.stringify(call({ level }, given)),
    signal: abort.signal
  })
  await tool.started
  abort.abort()
  await expect(answer.then((response) => response.text())).rejects.toThrow()
  await tool.cancelled
  expect((await http(`${server.url}/health`)).status).toBe(200)
})
