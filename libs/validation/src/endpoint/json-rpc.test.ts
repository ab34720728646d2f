import { describe, expect, test } from '@jest/globals'
import { jsonReply, type FixtureOptions } from '../../test/fixture-server.ts'
import { evidence, failed, on, run } from '../../test/run-endpoint.ts'

describe('an endpoint that does something wrong fails at that step alone', () => {
  const cases: readonly (readonly [string, FixtureOptions, string, string])[] = [
    [
      'an unknown method gets a result',
      on('no/such/method', (_, { id }) => jsonReply({ jsonrpc: '2.0', id, result: {} })),
      'raw.unknown-method',
      'expected error -32601, got a result'
    ],
    [
      'an unknown tool gets another code',
      on('no_such_tool', (_, { id }) =>
        jsonReply({ jsonrpc: '2.0', id, error: { code: -32603, message: 'oh' } })
      ),
      'raw.unknown-tool',
      'expected error -32602, got -32603: oh'
    ],
    [
      'bad JSON gets a page',
      {
        twist: (message, reply) =>
          message === undefined ? { status: 400, type: 'text/html', body: '<h1>Bad</h1>' } : reply
      },
      'raw.bad-json',
      'HTTP 400: <h1>Bad</h1>'
    ],
    [
      'bad arguments are taken',
      on('add', (reply, { id }) =>
        reply.body.includes('isError')
          ? jsonReply({ jsonrpc: '2.0', id, result: { content: [], structuredContent: { sum: 0 } } })
          : reply
      ),
      'raw.bad-arguments',
      'expected -32602 or a result with isError'
    ]
  ]
  test.each(cases)('%s', async (_, options, id, text) => {
    const report = await run(options)
    expect(failed(report).map((step) => step.id)).toEqual([id])
    expect(evidence(report, id)).toContain(text)
    expect(report.passed).toBe(false)
  })

  test('bad arguments may get -32602', async () => {
    const report = await run(
      on('add', (reply, { id }) =>
        reply.body.includes('isError')
          ? jsonReply({ jsonrpc: '2.0', id, error: { code: -32602, message: 'a is wrong' } })
          : reply
      )
    )
    expect(failed(report)).toEqual([])
    expect(evidence(report, 'raw.bad-arguments')).toContain('-32602 a is wrong')
  })
})

describe('a response that is not JSON-RPC 2.0', () => {
  const reply = (body: unknown): FixtureOptions => on('tools/list', () => jsonReply(body))
  test.each([
    ['has no version', reply({ id: 2, result: {} }), 'jsonrpc is undefined'],
    ['has version 1.0', reply({ jsonrpc: '1.0', id: 2, result: {} }), 'jsonrpc is "1.0"'],
    ['has another id', reply({ jsonrpc: '2.0', id: 77, result: {} }), 'id is 77, expected 2'],
    [
      'has result and error',
      reply({ jsonrpc: '2.0', id: 2, result: {}, error: {} }),
      'either result or error'
    ],
    ['has neither', reply({ jsonrpc: '2.0', id: 2 }), 'either result or error'],
    [
      'has an error without a code',
      reply({ jsonrpc: '2.0', id: 2, error: { message: 'x' } }),
      'integer code'
    ],
    ['is a list', reply([]), 'not an object'],
    ['is cut off', on('tools/list', (right) => ({ ...right, body: right.body.slice(0, 20) })), 'not JSON'],
    [
      'never comes in the stream',
      on('tools/list', (right) => ({
        ...right,
        type: 'text/event-stream',
        body: 'data: {"jsonrpc":"2.0","id":9}\n\n'
      })),
      'no response with id 2 in the event stream'
    ]
  ])('%s', async (_, options, text) => {
    const report = await run(options)
    expect(evidence(report, 'raw.tools/list')).toContain(text)
    expect(report.passed).toBe(false)
    expect(report.tools).toEqual([])
  })
})
