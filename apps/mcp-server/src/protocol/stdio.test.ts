import { expect, test } from '@jest/globals'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { memoryLog, testServices } from '../../test/server.ts'
import { broken, chatty, echo, gate, refusing } from '../../test/tools.ts'
import type { Tool } from '../tools/tool.ts'
import { createMethods } from './methods.ts'
import { serveStdio } from './stdio.ts'

async function converse(tools: readonly Tool[] = [echo, refusing, broken]) {
  const { log, lines } = memoryLog()
  const input = new PassThrough()
  const output = new PassThrough()
  const abort = new AbortController()
  const methods = createMethods({
    services: await testServices(),
    tools,
    instructions: 'Test.',
    withExamples: true
  })
  const done = serveStdio({
    methods,
    log,
    input,
    output,
    signal: abort.signal,
    maxLineBytes: 1000,
    maxJsonDepth: 8
  })
  const send = (...messages: unknown[]): void => {
    for (const message of messages)
      input.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`)
  }
  const received = (): unknown[] =>
    String(output.read() ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown)
  return { input, output, send, received, done, abort, lines }
}

test('answers what the direct door answers, and ends with the input', async () => {
  const { input, send, received, done } = await converse()
  send(
    {
      jsonrpc: '2.0',
      id: 0,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } }
    },
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    { jsonrpc: '2.0', id: 1, method: 'ping' },
    { jsonrpc: '2.0', id: 'a', method: 'tools/call', params: { name: 'echo', arguments: { text: 'hi' } } },
    { jsonrpc: '2.0', id: 3, method: 'nope' },
    { jsonrpc: '2.0', id: 4, method: 'tools/call', params: { name: 'nope' } },
    { jsonrpc: '2.0', id: 5, method: 'tools/call', params: { name: 'broken' } }
  )
  input.end()
  await done
  // answers come in the order they are ready
  const answers = received()
  expect(answers).toHaveLength(6)
  const byId = new Map(answers.map((answer) => [z.looseObject({ id: z.unknown() }).parse(answer).id, answer]))
  expect(byId.get(0)).toMatchObject({
    result: { protocolVersion: '2025-06-18', serverInfo: { name: 'quilt-mcp' }, instructions: 'Test.' }
  })
  expect(byId.get(1)).toMatchObject({ result: {} })
  expect(byId.get('a')).toMatchObject({ result: { structuredContent: { text: 'hi' } } })
  expect(byId.get(3)).toMatchObject({ error: { code: -32601, message: 'Method not found' } })
  expect(byId.get(4)).toMatchObject({ error: { code: -32602 } })
  expect(byId.get(5)).toMatchObject({ result: { isError: true } })
})

test.each([
  ['is not JSON', 'not json', { id: null, error: { code: -32700 } }],
  ['is no message', '{"jsonrpc":"2.0"}', { id: null, error: { code: -32600 } }],
  ['has an id of null', '{"jsonrpc":"2.0","id":null,"method":"ping"}', { id: null, error: { code: -32600 } }],
  [
    'has params that are a list',
    '{"jsonrpc":"2.0","id":7,"method":"ping","params":[]}',
    { id: 7, error: { code: -32600 } }
  ],
  ['is nested too deep', '['.repeat(9) + ']'.repeat(9), { id: null, error: { code: -32600 } }],
  ['is too long', `"${'x'.repeat(1000)}"`, { id: null, error: { code: -32600 } }],
  ['is a batch', '[{"jsonrpc":"2.0","id":7,"method":"ping"}]', { id: null, error: { code: -32600 } }]
])('a line that %s is answered, and the conversation goes on', async (_, line, expected) => {
  const { input, send, received, done } = await converse()
  send(line, { jsonrpc: '2.0', id: 1, method: 'ping' })
  input.end()
  await done
  expect(received()).toMatchObject([
    { jsonrpc: '2.0', ...expected },
    { id: 1, result: {} }
  ])
})

test('a batch is taken where the client speaks the revision that has them', async () => {
  const { input, send, received, done } = await converse()
  const client = { capabilities: {}, clientInfo: { name: 't', version: '1' } }
  send({ jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocolVersion: '2025-03-26', ...client } })
  await sleep(50)
  send([{ jsonrpc: '2.0', id: 7, method: 'ping' }])
  input.end()
  await done
  expect(received()).toMatchObject([{ id: 0 }, [{ jsonrpc: '2.0', id: 7, result: {} }]])
})

test('a client that no longer reads ends the conversation', async () => {
  const { done, output } = await converse()
  output.destroy(new Error('broken pipe'))
  await expect(done).resolves.toBeUndefined()
})

test('a request in flight at the end of the input is answered', async () => {
  const { tool, started, release } = gate()
  const { input, send, received, done } = await converse([tool])
  send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'gate' } })
  await started
  input.end()
  await sleep(20)
  release()
  await done
  expect(received()).toMatchObject([{ id: 1, result: { structuredContent: { passed: true } } }])
})

test('the signal ends the conversation', async () => {
  const { done, abort } = await converse()
  abort.abort()
  await expect(done).resolves.toBeUndefined()
})

test('progress and log messages come before the answer, at the level that was set', async () => {
  const talker = chatty()
  const { input, send, received, done } = await converse([talker.tool])
  talker.release()
  const call = (id: number) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: 'chatty', arguments: {}, _meta: { progressToken: id } }
  })
  send(call(1))
  await sleep(50)
  expect(received()).toMatchObject([
    { method: 'notifications/progress', params: { progressToken: 1, progress: 1, total: 2 } },
    { method: 'notifications/message', params: { level: 'info', data: 'seen' } },
    { id: 1, result: {} }
  ])
  send({ jsonrpc: '2.0', id: 2, method: 'logging/setLevel', params: { level: 'error' } })
  await sleep(20)
  send(call(3))
  input.end()
  await done
  expect(received()).toMatchObject([{ id: 2 }, { method: 'notifications/progress' }, { id: 3 }])
})

test('a request that is cancelled is given up and not answered', async () => {
  const talker = chatty()
  const { input, send, received, done } = await converse([talker.tool])
  send({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'chatty', arguments: { level: 'debug' } }
  })
  await talker.started
  send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } })
  await talker.cancelled
  talker.release()
  input.end()
  await done
  expect(received()).toEqual([])
})
