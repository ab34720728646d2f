import { beforeAll, expect, test } from '@jest/globals'
import type { IncomingHttpHeaders } from 'node:http'
import { testContext } from '../../../test/context.ts'
import { memoryLog, testServices } from '../../../test/server.ts'
import { broken, echo, refusing } from '../../../test/tools.ts'
import { tools } from '../../tools/index.ts'
import type { Method } from '../method.ts'
import { createMethods } from '../methods.ts'
import { ModernDirect } from './direct.ts'
import { introductionOf, listedTools } from './introduction.ts'
import { paramHeaders } from './param-headers.ts'
import { ModernRouter, type ModernRoute } from './route.ts'
import { ModernSdk } from './sdk.ts'

const { log } = memoryLog()
const version = '2026-07-28'
const _meta = {
  'io.modelcontextprotocol/protocolVersion': version,
  'io.modelcontextprotocol/clientCapabilities': { elicitation: {} }
}

let methods: ReadonlyMap<string, Method>
let direct: ModernDirect
let sdk: ModernSdk

beforeAll(async () => {
  const product = createMethods({
    services: await testServices(),
    tools: [...tools, echo, refusing, broken],
    instructions: 'Test.',
    withExamples: true
  })
  // a server with fewer methods than it introduces is possible too
  methods = new Map([...product].filter(([name]) => name !== 'resources/templates/list'))
  const introduction = await introductionOf(methods, log)
  direct = new ModernDirect({ methods, introduction, paramHeaders: new Map() })
  sdk = new ModernSdk({ methods, introduction, log, stopping: new AbortController().signal })
})

interface Posted {
  readonly headers: IncomingHttpHeaders
  readonly value: unknown
  readonly route: ModernRoute
}

function posted(method: string, params: object = {}, id: unknown = 1): Posted {
  const value = { jsonrpc: '2.0', id, method, params: { _meta, ...params } }
  const headers: IncomingHttpHeaders = {
    'content-type': 'application/json',
    'mcp-protocol-version': version,
    'mcp-method': method
  }
  if ('name' in params && typeof params.name === 'string') headers['mcp-name'] = params.name
  const route = new ModernRouter().route(headers, value)
  if (route === undefined) throw new Error('not of the newest revision')
  return { headers, value, route }
}

async function bySdk({ headers, value }: Posted): Promise<{ status: number; body: unknown }> {
  const response = await sdk.answer({
    headers,
    value,
    context: testContext({ log }),
    subscribes: false,
    level: undefined,
    called: undefined,
    onRecord: () => undefined
  })
  return { status: response.status, body: await response.json() }
}

test.each<[string, object, unknown?]>([
  ['server/discover', {}],
  ['server/discover', {}, 'text'],
  ['tools/list', {}],
  ['tools/list', {}, ''],
  ['tools/list', { cursor: 'never given' }],
  ['resources/list', {}],
  ['prompts/list', {}],
  ['tools/call', { name: 'echo', arguments: { text: 'hi' } }],
  ['tools/call', { name: 'echo', arguments: { text: 'hi' } }, 'quote " and \u2028'],
  ['tools/call', { name: 'echo', arguments: { text: 'naïve 🙂' } }],
  ['tools/call', { name: 'echo' }],
  ['tools/call', { name: 'echo', arguments: { text: 5 } }],
  ['tools/call', { name: 'refusing', arguments: {} }],
  ['tools/call', { name: 'broken' }],
  ['tools/call', { name: 'nope' }],
  ['tools/call', { name: 'packages_list', arguments: { limit: 2 } }],
  ['tools/call', { name: 'package_browse', arguments: { package: 'biology/penguins' } }],
  ['tools/call', { name: 'object_read', arguments: { package: 'biology/penguins', path: 'README.md' } }]
])('the direct door answers %s %j as the SDK does', async (method, params, id = 1) => {
  const message = posted(method, params, id)
  const { reply } = await direct.answer(message.route, message.headers, () => testContext({ log }))
  const expected = await bySdk(message)
  expect({ status: reply?.status, body: JSON.parse(reply?.body ?? '') as unknown }).toEqual(expected)
})

test.each<[string, object]>([
  ['resources/templates/list', {}],
  ['resources/read', { uri: 'x' }],
  ['prompts/get', { name: 'x' }],
  ['subscriptions/listen', { notifications: {} }],
  ['initialize', {}],
  ['nope', {}],
  ['tools/list', { cursor: 5 }],
  ['tools/call', {}],
  ['tools/call', { name: 5 }],
  ['tools/call', { name: 'echo', arguments: [] }]
])('%s %j is left to the SDK', async (method, params) => {
  const { route, headers } = posted(method, params)
  const { reply } = await direct.answer(route, headers, () => testContext({ log }))
  expect(reply).toBeUndefined()
})

test('what has to be repeated in headers is held against the arguments, nested ones and numbers too', async () => {
  const inputSchema = {
    type: 'object',
    properties: {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      page: { type: 'object', properties: { size: { type: 'integer', 'x-mcp-header': 'Size' } } }
    }
  }
  const wanted = paramHeaders([{ name: 'echo', inputSchema }, { name: 'bare' }, 5])
  const door = new ModernDirect({
    methods,
    introduction: await introductionOf(methods, log),
    paramHeaders: wanted
  })
  const ask = async (args: object, given: IncomingHttpHeaders): Promise<number | undefined> => {
    const { route, headers } = posted('tools/call', { name: 'echo', arguments: args })
    const { reply } = await door.answer(route, { ...headers, ...given }, () => testContext({ log }))
    return reply?.status
  }
  const args = { region: 'eu', page: { size: 10 } }
  expect(await ask(args, { 'mcp-param-region': 'eu', 'mcp-param-size': '10.0' })).toBe(200)
  expect(await ask(args, { 'mcp-param-region': '=?base64?ZXU=?=', 'mcp-param-size': '10' })).toBe(200)
  expect(await ask({}, {})).toBe(200)
  for (const given of [
    {},
    { 'mcp-param-region': 'us', 'mcp-param-size': '10' },
    { 'mcp-param-region': 'eu', 'mcp-param-size': '11' },
    { 'mcp-param-region': 'eu', 'mcp-param-size': '' },
    { 'mcp-param-region': '=?base64?ZXU?=', 'mcp-param-size': '10' }
  ])
    expect(await ask(args, given)).toBe(400)
  expect(await ask({}, { 'mcp-param-region': 'eu' })).toBe(400)
})

test('a server introduces itself and lists its tools as it does to clients', async () => {
  expect(await introductionOf(methods, log)).toMatchObject({ instructions: 'Test.' })
  expect(await listedTools(methods, log)).toContainEqual(expect.objectContaining({ name: 'echo' }))
  expect(await listedTools(new Map(), log)).toBeUndefined()
})
