import { beforeAll, describe, expect, test } from '@jest/globals'
import { testContext } from '../../test/context.ts'
import { memoryLog, testServices } from '../../test/server.ts'
import { broken, echo, refusing } from '../../test/tools.ts'
import { answerDirectly, type Reply } from './direct.ts'
import type { Method } from './method.ts'
import { createMethods } from './methods.ts'
import type { Revision } from './revisions.ts'

const { log, lines } = memoryLog()
const context = testContext({ log })
let methods: ReadonlyMap<string, Method>

beforeAll(async () => {
  methods = createMethods({
    services: await testServices(),
    tools: [echo, refusing, broken],
    instructions: 'Test.',
    withExamples: true
  })
})

function send(value: unknown, revision: Revision = '2025-11-25'): Promise<Reply> {
  return answerDirectly(methods, value, revision, () => context)
}

async function answer(method: string, params?: unknown): Promise<unknown> {
  const { status, body } = await send({
    jsonrpc: '2.0',
    id: 1,
    method,
    ...(params === undefined ? {} : { params })
  })
  expect(status).toBe(200)
  const { id, ...rest } = JSON.parse(body ?? '') as Record<string, unknown>
  expect(id).toBe(1)
  return rest
}

const client = { capabilities: {}, clientInfo: { name: 'test', version: '1' } }

describe('initialize', () => {
  test.each([
    ['2024-11-05', '2024-11-05'],
    ['2025-03-26', '2025-03-26'],
    ['2025-06-18', '2025-06-18'],
    ['2025-11-25', '2025-11-25'],
    ['2026-07-28', '2025-11-25'],
    ['1999-01-01', '2025-11-25'],
    ['', '2025-11-25']
  ])('asked for %j it speaks %s', async (protocolVersion, spoken) => {
    expect(await answer('initialize', { protocolVersion, ...client })).toEqual({
      jsonrpc: '2.0',
      result: {
        protocolVersion: spoken,
        capabilities: { tools: {}, resources: {}, prompts: {}, completions: {}, logging: {} },
        serverInfo: { name: 'quilt-mcp', title: 'Test <server>', version: 'abc1234'.padEnd(40, '0') },
        instructions: 'Test.'
      }
    })
  })

  test.each([
    ['no params', undefined],
    ['no version', client],
    ['a version that is no text', { protocolVersion: 1, ...client }],
    ['no client', { protocolVersion: '2025-11-25', capabilities: {} }],
    ['capabilities that are no object', { protocolVersion: '2025-11-25', ...client, capabilities: 'all' }]
  ])('with %s it is refused with -32602', async (_, params) => {
    expect(await answer('initialize', params)).toMatchObject({ error: { code: -32602 } })
  })
})

describe('methods', () => {
  test('ping answers with nothing', async () => {
    expect(await answer('ping')).toEqual({ jsonrpc: '2.0', result: {} })
  })

  test('tools/list gives name, title, description, both schemas, annotations and examples', async () => {
    const { result } = (await answer('tools/list')) as { result: { tools: object[] } }
    expect(result.tools.map((tool) => ('name' in tool ? tool.name : ''))).toEqual([
      'echo',
      'refusing',
      'broken'
    ])
    expect(result.tools[0]).toMatchObject({
      name: 'echo',
      title: 'Test tool',
      description: 'A tool for tests.',
      inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
      outputSchema: { type: 'object', properties: { text: { type: 'string' } } },
      annotations: { readOnlyHint: true, openWorldHint: false },
      _meta: { 'quilt-mcp/examples': [{ text: 'hello' }] }
    })
  })

  test('without the sample registry no examples are listed', async () => {
    const bare = createMethods({
      services: await testServices(),
      tools: [echo],
      instructions: '',
      withExamples: false
    })
    const { body } = await answerDirectly(
      bare,
      { jsonrpc: '2.0', id: 1, method: 'tools/list' },
      '2025-11-25',
      () => context
    )
    expect(body).not.toContain('examples')
  })

  test.each([
    ['resources/read', { uri: 'file:///etc/passwd' }, -32002],
    ['resources/read', {}, -32602],
    ['prompts/get', { name: 'nope' }, -32602],
    ['prompts/get', {}, -32602]
  ])('%s of %j, which is not there, is %d', async (method, params, code) => {
    expect(await answer(method, params)).toMatchObject({ error: { code } })
  })

  test.each(['tools/list', 'resources/list', 'prompts/list'])(
    '%s refuses a cursor it never gave',
    async (method) => {
      expect(await answer(method, { cursor: 'abc' })).toMatchObject({ error: { code: -32602 } })
      expect(await answer(method, { cursor: 1 })).toMatchObject({ error: { code: -32602 } })
    }
  )

  test.each(['', 'nope', 'tools/Call', 'resources/subscribe', 'constructor', '__proto__'])(
    'method %j is unknown: -32601',
    async (method) => {
      expect(await answer(method)).toEqual({
        jsonrpc: '2.0',
        error: { code: -32601, message: 'Method not found' }
      })
    }
  )
})

test('logging/setLevel takes a level that there is', async () => {
  expect(await answer('logging/setLevel', { level: 'debug' })).toEqual({ jsonrpc: '2.0', result: {} })
  expect(await answer('logging/setLevel', { level: 'loud' })).toMatchObject({ error: { code: -32602 } })
})

describe('tools/call', () => {
  test('gives structured content and one line of text', async () => {
    expect(await answer('tools/call', { name: 'echo', arguments: { text: 'hi' } })).toEqual({
      jsonrpc: '2.0',
      result: { content: [{ type: 'text', text: 'hi' }], structuredContent: { text: 'hi' } }
    })
  })

  test.each([
    ['an unknown tool', { name: 'nope', arguments: {} }],
    ['a property of objects for a name', { name: 'constructor' }],
    ['no name', { arguments: {} }],
    ['a name that is no text', { name: 1 }],
    ['arguments that are no object', { name: 'echo', arguments: 'text' }],
    ['arguments that are a list', { name: 'echo', arguments: [] }],
    ['no params', undefined]
  ])('%s is -32602', async (_, params) => {
    expect(await answer('tools/call', params)).toMatchObject({ error: { code: -32602 } })
  })

  test.each([
    ['missing', {}],
    ['of a wrong type', { text: 5 }],
    ['unknown', { text: 'a', more: 1 }]
  ])('arguments that are %s are a tool error that says what is wrong', async (_, args) => {
    expect(await answer('tools/call', { name: 'echo', arguments: args })).toMatchObject({
      result: { isError: true, _meta: { 'quilt-mcp/failure': { code: 'invalid-arguments' } } }
    })
  })

  test('a failure that can be expected has code, reason and next step', async () => {
    expect(await answer('tools/call', { name: 'refusing' })).toEqual({
      jsonrpc: '2.0',
      result: {
        content: [{ type: 'text', text: 'it is too late [too-late]. Come earlier.' }],
        isError: true,
        _meta: { 'quilt-mcp/failure': { code: 'too-late', reason: 'it is too late', next: 'Come earlier.' } }
      }
    })
  })

  test('a fault of a tool is a tool error without its details, which go to the log', async () => {
    const failed = await answer('tools/call', { name: 'broken' })
    expect(failed).toMatchObject({
      result: { isError: true, _meta: { 'quilt-mcp/failure': { code: 'internal' } } }
    })
    expect(JSON.stringify(failed)).not.toContain('secret')
    expect(JSON.stringify(lines)).toContain('secret detail')
  })
})

describe('the reply says for the log', () => {
  test.each([
    [
      { jsonrpc: '2.0', id: 1, method: 'ping' },
      { method: 'ping', outcome: 'ok' }
    ],
    [
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'refusing' } },
      { method: 'tools/call', tool: 'refusing', outcome: 'tool-error' }
    ],
    [
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'evil' } },
      { method: 'tools/call', outcome: -32602 }
    ],
    [
      { jsonrpc: '2.0', id: 1, method: 'evil' },
      { method: 'unknown', outcome: -32601 }
    ],
    [
      { jsonrpc: '2.0', method: 'evil' },
      { method: 'notification', outcome: 'ok' }
    ],
    [
      { jsonrpc: '2.0', id: 1, result: {} },
      { method: 'response', outcome: 'ok' }
    ],
    [7, { method: 'invalid', outcome: -32600 }]
  ])('%j', async (value, record) => {
    expect((await send(value)).record).toEqual(record)
  })
})

describe('batches', () => {
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }

  test.each(['2024-11-05', '2025-06-18', '2025-11-25'] as const)('%s has none', async (revision) => {
    expect(await send([ping], revision)).toMatchObject({ status: 400, record: { outcome: -32600 } })
  })

  test('every message is answered by itself, notifications not at all', async () => {
    const { status, body } = await send(
      [ping, { jsonrpc: '2.0', method: 'notifications/x' }, 5, { ...ping, id: 2, method: 'nope' }],
      '2025-03-26'
    )
    expect(status).toBe(200)
    expect(JSON.parse(body ?? '')).toMatchObject([
      { id: 1, result: {} },
      { id: null, error: { code: -32600 } },
      { id: 2, error: { code: -32601 } }
    ])
  })

  test('the log has the tools of a batch, and the first outcome that is not good', async () => {
    const call = (name: string) => ({
      ...ping,
      method: 'tools/call',
      params: { name, arguments: name === 'echo' ? { text: 'x' } : {} }
    })
    const good = await send([ping, call('echo'), call('echo')], '2025-03-26')
    expect(good.record).toEqual({ method: 'batch', outcome: 'ok', tools: ['echo'] })
    const bad = await send([call('echo'), call('refusing'), { ...ping, method: 'nope' }], '2025-03-26')
    expect(bad.record).toEqual({ method: 'batch', outcome: 'tool-error', tools: ['echo', 'refusing'] })
  })

  test('a batch of notifications gets 202 and no body', async () => {
    expect(await send([{ jsonrpc: '2.0', method: 'notifications/x' }], '2025-03-26')).toMatchObject({
      status: 202,
      body: undefined
    })
  })

  test.each([
    ['empty', []],
    ['of 51 messages', Array.from({ length: 51 }, () => ping)],
    ['with initialize in it', [{ jsonrpc: '2.0', id: 1, method: 'initialize', params: {} }]]
  ])('a batch %s is refused with 400', async (_, batch) => {
    expect(await send(batch, '2025-03-26')).toMatchObject({ status: 400, record: { outcome: -32600 } })
  })
})
