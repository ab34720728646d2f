import { describe, expect, test } from '@jest/globals'
import { addTool, jsonReply, type FixtureOptions } from '../../test/fixture-server.ts'
import { evidence, failed, on, run } from '../../test/run-endpoint.ts'

describe('a list of tools that is not right', () => {
  const listed = (...tools: readonly object[]): FixtureOptions => ({ tools })
  test.each([
    ['is empty', listed(), 'the list is empty'],
    ['has a name twice', listed(addTool, addTool), 'add is listed twice'],
    ['has a name with a blank', listed({ ...addTool, name: 'a b' }), 'a b: '],
    ['has a tool without a name', listed({ inputSchema: { type: 'object' } }), 'a tool without a name'],
    ['has no input schema', listed({ name: 'add' }), 'inputSchema'],
    [
      'has an input schema of a string',
      listed({ ...addTool, inputSchema: { type: 'string' } }),
      'type object'
    ],
    [
      'has an output schema that is a list',
      listed({ ...addTool, outputSchema: { type: 'array' } }),
      'type object'
    ],
    [
      'has a schema that is not valid',
      listed({ ...addTool, outputSchema: { type: 'object', required: 'sum' } }),
      'schema is invalid'
    ],
    [
      'has an example that does not fit',
      listed({ ...addTool, _meta: { 'quilt-mcp/examples': [{ a: 1 }] } }),
      'example 1 does not fit the input schema'
    ],
    ['has examples that are no list', listed({ ...addTool, _meta: { 'quilt-mcp/examples': 'x' } }), 'add: ']
  ])('%s', async (_, options, text) => {
    const report = await run(options)
    expect(evidence(report, 'registration')).toContain(text)
    expect(report.passed).toBe(false)
  })

  test('has pages without end', async () => {
    const report = await run(
      on('tools/list', (_, { id }) =>
        jsonReply({ jsonrpc: '2.0', id, result: { tools: [addTool], nextCursor: 'more' } })
      )
    )
    expect(evidence(report, 'raw.tools/list')).toContain('the list does not end')
  })

  test('has a tool that requires arguments and gives no examples', async () => {
    const report = await run(listed({ ...addTool, _meta: {} }))
    expect(failed(report).map((step) => step.id)).toEqual(['tools/call add'])
    expect(report.tools).toMatchObject([{ tool: 'add', examples: 0, passed: false }])
  })
})

describe('a tool whose answer is not right', () => {
  const answered = (result: object): FixtureOptions =>
    on('add', (right, { id }) =>
      right.body.includes('isError') ? right : jsonReply({ jsonrpc: '2.0', id, result })
    )
  test.each([
    ['fails', answered({ content: [{ type: 'text', text: 'no disk' }], isError: true }), 'the tool failed'],
    ['has no structured content', answered({ content: [] }), 'no structuredContent'],
    [
      'does not fit its output schema',
      answered({ content: [], structuredContent: { sum: 'three' } }),
      'value/sum must be integer'
    ],
    ['has content that is no list', answered({ content: 'three' }), 'not a tool result'],
    [
      'is an error of the protocol',
      on('add', (_, { id }) => jsonReply({ jsonrpc: '2.0', id, error: { code: -32603, message: 'broken' } })),
      'error -32603: broken'
    ]
  ])('%s', async (_, options, text) => {
    const report = await run(options)
    expect(evidence(report, 'raw.tools/call add 1')).toContain(text)
    expect(report.steps.find((step) => step.id === 'sdk.tools/call add 1')?.passed).toBe(false)
    expect(report.tools.find((tool) => tool.tool === 'add')?.passed).toBe(false)
    expect(report.tools.find((tool) => tool.tool === 'ping_me')?.passed).toBe(true)
  })
})
