import { describe, expect, test } from '@jest/globals'
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { isObject } from './message.ts'
import { plainCall, plainPage } from './plain-request.ts'

const metas = [
  undefined,
  {},
  { progressToken: 1 },
  { progressToken: 'a' },
  { progressToken: 1.5 },
  { progressToken: 2 ** 60 },
  { progressToken: null },
  { progressToken: {} },
  { 'io.modelcontextprotocol/related-task': { taskId: 'a' } },
  { 'io.modelcontextprotocol/related-task': 1 },
  { traceparent: '00', any: [1] },
  null,
  [],
  'meta',
  1
]

/** JSON has no undefined members. */
function request(method: string, params: unknown): { readonly method: string; readonly params?: unknown } {
  return { jsonrpc: '2.0', id: 1, ...JSON.parse(JSON.stringify({ method, params })) }
}

describe('what is seen of a call without its schema is what the schema would make of it', () => {
  const args: readonly string[] = [
    'null',
    '{}',
    '{"a":1,"b":{"__proto__":2}}',
    '{"__proto__":{"a":1}}',
    '{"constructor":1}',
    '[]',
    '"text"',
    '1'
  ]
  const others = [{}, { task: { ttl: 1 } }, { task: 1 }, { more: 1 }]
  const names = ['echo', '', 1, null, undefined, {}]
  const cases = metas.flatMap((meta) =>
    others.flatMap((other) =>
      names.flatMap((name) =>
        [undefined, ...args].map((text) => {
          const { params, ...rest } = request('tools/call', { name, _meta: meta, ...other })
          const given = isObject(params) ? params : {}
          return {
            ...rest,
            params: text === undefined ? given : { ...given, ...JSON.parse(`{"arguments":${text}}`) }
          }
        })
      )
    )
  )

  test('for every combination of names, arguments, `_meta` and what else may be in params', () => {
    let seen = 0
    for (const one of cases) {
      const plain = plainCall(one)
      if (plain === undefined) continue
      seen++
      const { name, arguments: given } = CallToolRequestSchema.parse(one).params
      expect(plain.params).toEqual(given === undefined ? { name } : { name, arguments: given })
    }
    // five of the `_meta`, two names, no arguments and three kinds of them
    expect(seen).toBe(5 * 2 * 4)
  })

  test('and the usual call is seen', () => {
    expect(plainCall(request('tools/call', { name: 'echo', arguments: { text: 'a' } }))).toEqual({
      params: { name: 'echo', arguments: { text: 'a' } }
    })
  })
})

test('what is seen of a request for a page is what the schema would make of it', () => {
  let seen = 0
  for (const meta of metas)
    for (const cursor of ['a', '', 1, null, undefined, {}])
      for (const other of [{}, { limit: 1 }]) {
        const one = request('tools/list', { cursor, _meta: meta, ...other })
        const plain = plainPage(one)
        if (plain === undefined) continue
        seen++
        expect(plain.params?.cursor).toBe(ListToolsRequestSchema.parse(one).params?.cursor)
      }
  expect(seen).toBeGreaterThan(10)
  expect(plainPage(request('tools/list', undefined))).toEqual({ params: {} })
  for (const params of [null, [], 'a', 1]) expect(plainPage(request('tools/list', params))).toBeUndefined()
})
