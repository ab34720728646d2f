import { expect, test } from '@jest/globals'
import { PassThrough } from 'node:stream'
import { testContext } from '../../test/context.ts'
import { memoryLog, testServices } from '../../test/server.ts'
import { broken, echo, refusing } from '../../test/tools.ts'
import { tools } from '../tools/index.ts'
import { answerDirectly } from './direct.ts'
import { createMethods } from './methods.ts'
import { serveStdio } from './stdio.ts'

const client = { capabilities: {}, clientInfo: { name: 'test', version: '1' } }
const call = (name: unknown, args?: unknown) => ['tools/call', { name, arguments: args }] as const

/** What clients send, right and wrong: method and params. */
const corpus: readonly (readonly [string, unknown?])[] = [
  ...['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', '2024-10-07', 'x', ''].map(
    (protocolVersion) => ['initialize', { protocolVersion, ...client }] as const
  ),
  ['initialize'],
  ['initialize', { protocolVersion: 1 }],
  ['ping'],
  ['ping', { _meta: { progressToken: 1 } }],
  ['ping', { _meta: 5 }],
  ['tools/list'],
  ['tools/list', {}],
  ['tools/list', { cursor: 'x' }],
  ['resources/list'],
  ['resources/templates/list'],
  ['resources/read', { uri: 'x' }],
  ['resources/read'],
  ['prompts/list'],
  ['prompts/get', { name: 'x' }],
  ['logging/setLevel', { level: 'debug' }],
  ['completion/complete', {}],
  ['tasks/list'],
  ['nope'],
  [''],
  ['tools/call'],
  call(undefined),
  call('nope'),
  call('__proto__'),
  call('echo', { text: 'hi' }),
  call('echo', {}),
  call('echo', 'text'),
  call('echo', { text: 'hi', more: true }),
  call('refusing'),
  call('broken'),
  call('packages_list', { limit: 2 }),
  call('packages_list', { cursor: 'bogus' }),
  call('package_browse', { package: 'biology/penguins' }),
  call('package_browse', { package: 'no/such' }),
  call('object_read', { package: 'biology/penguins', path: 'README.md' }),
  call('object_read', { package: 'biology/penguins', path: 'no' }),
  call('server_status', {}),
  ['tools/call', { name: 'echo', arguments: { text: 'hi' }, task: { ttl: 5 } }],
  ['tools/call', { name: 'echo', arguments: { text: 'hi' }, _meta: { 'x/y': [1] } }]
]

test('every door gives the same answer to the same request', async () => {
  const { log } = memoryLog()
  const methods = createMethods({
    services: await testServices(),
    tools: [...tools, echo, refusing, broken],
    instructions: 'Test.',
    withExamples: true
  })
  const requests = corpus.map(([method, params], id) => ({
    jsonrpc: '2.0',
    id,
    method,
    ...(params === undefined ? {} : { params })
  }))

  const { signal } = new AbortController()
  const direct = new Map<unknown, unknown>()
  for (const request of requests) {
    const { body } = await answerDirectly(methods, request, '2025-11-25', () => testContext({ log }))
    direct.set(request.id, JSON.parse(body ?? ''))
  }

  const input = new PassThrough()
  const output = new PassThrough()
  const done = serveStdio({ methods, log, input, output, signal, maxLineBytes: 5e6, maxJsonDepth: 64 })
  for (const request of requests) input.write(`${JSON.stringify(request)}\n`)
  input.end()
  await done
  const stdio = new Map<unknown, unknown>()
  for (const line of String(output.read()).trim().split('\n')) {
    const answer: { id?: unknown } = JSON.parse(line) as object
    stdio.set(answer.id, answer)
  }

  for (const { id, method } of requests) expect([method, stdio.get(id)]).toEqual([method, direct.get(id)])
  expect(stdio.size).toBe(corpus.length)
})
