import { CodedError } from '@fast-mcp/errors'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { afterEach, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { z } from 'zod'
import { makeCertificate } from '../../test/certificate.ts'
import {
  addTool,
  jsonReply,
  startFixture,
  type Fixture,
  type FixtureOptions,
  type Message,
  type Reply
} from '../../test/fixture-server.ts'
import type { EndpointReport, EndpointStep } from './endpoint-report.ts'
import { testEndpoint, type TestEndpointOptions } from './test-endpoint.ts'

const signal = new AbortController().signal
const open: Fixture[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((fixture) => fixture.close()))
})

async function run(
  fixture: FixtureOptions = {},
  options: Partial<TestEndpointOptions> = {}
): Promise<EndpointReport & { readonly fixture: Fixture }> {
  const started = await startFixture(fixture)
  open.push(started)
  return { ...(await testEndpoint(started.url, { signal, ...options })), fixture: started }
}

/** Twists the replies to one method, or to one tool. */
function on(what: string, change: (reply: Reply, message: Message) => Reply): FixtureOptions {
  return {
    twist: (message, reply) =>
      message?.method === what || (message?.method === 'tools/call' && message.params?.['name'] === what)
        ? change(reply, message)
        : reply
  }
}

function failed(report: EndpointReport): readonly EndpointStep[] {
  return report.steps.filter((step) => !step.passed)
}

function evidence(report: EndpointReport, id: string): string {
  return report.steps.find((step) => step.id === id)?.evidence ?? `no step ${id}`
}

describe('an endpoint that does everything right', () => {
  test('passes, with every example of every tool called by both clients', async () => {
    const report = await run()
    expect(failed(report)).toEqual([])
    expect(report.passed).toBe(true)
    expect(report.server).toEqual({ name: 'fixture', version: '1a2b3c4', protocolVersion: '2025-11-25' })
    expect(report.toolNames).toEqual(['add', 'ping_me'])
    expect(report.tools.map(({ tool, examples, ms }) => [tool, examples, ms.length])).toEqual([
      ['add', 2, 4],
      ['ping_me', 1, 2]
    ])
    expect(report.fixture.seen.filter((method) => method === 'initialize')).toHaveLength(2)
    expect(evidence(report, 'sdk.tools/call add 2')).toContain('fits the output schema: sum')
  })

  test('gets latencies that fit together', async () => {
    const { latency, steps } = await run()
    expect(latency.count).toBeGreaterThan(10)
    expect(latency.medianMs).toBeLessThanOrEqual(latency.p95Ms)
    expect(latency.p95Ms).toBeLessThanOrEqual(latency.maxMs)
    expect(latency.maxMs).toBeGreaterThan(0)
    expect(Math.max(...steps.map((step) => step.ms))).toBeGreaterThanOrEqual(latency.maxMs)
  })

  test('reports each step as it ends', async () => {
    const seen: string[] = []
    const report = await run({}, { onProgress: (step) => seen.push(step.id) })
    expect(seen).toEqual(report.steps.map((step) => step.id))
  })

  test('has only the chosen tools called', async () => {
    const report = await run({}, { tools: ['ping_me'] })
    expect(report.tools.map((tool) => tool.tool)).toEqual(['ping_me'])
    expect(report.toolNames).toEqual(['add', 'ping_me'])
  })

  test('has no tool called where none is chosen', async () => {
    const report = await run({}, { tools: [] })
    expect(report.passed).toBe(true)
    expect(report.tools).toEqual([])
  })

  test('may spread its list over pages', async () => {
    const report = await run({
      twist: (message, reply) => {
        if (message?.method !== 'tools/list') return reply
        const second = message.params?.['cursor'] === 'second'
        const result = second
          ? { tools: [{ name: 'ping_me', inputSchema: { type: 'object' } }] }
          : { tools: [addTool], nextCursor: 'second' }
        return jsonReply({ jsonrpc: '2.0', id: message.id, result })
      }
    })
    expect(failed(report)).toEqual([])
    expect(report.toolNames).toEqual(['add', 'ping_me'])
  })

  test('may answer with server-sent events', async () => {
    const report = await run({
      twist: (message, reply) =>
        message?.id === undefined || reply.status !== 200
          ? reply
          : {
              ...reply,
              type: 'text/event-stream',
              body: `: hello\r\n\r\nevent: message\r\ndata: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}}\r\n\r\nevent: message\r\ndata: ${reply.body}\r\n\r\n`
            }
    })
    expect(failed(report)).toEqual([])
  })
})

test('an endpoint made with the official server library, with sessions and event streams, passes', async () => {
  const transports = new Map<string, StreamableHTTPServerTransport>()
  const connect = async (): Promise<StreamableHTTPServerTransport> => {
    const server = new McpServer({ name: 'official', version: '1' })
    server.registerTool(
      'double',
      {
        inputSchema: { n: z.number() },
        outputSchema: { twice: z.number() },
        _meta: { 'quilt-mcp/examples': [{ n: 21 }] }
      },
      ({ n }) => ({ content: [{ type: 'text', text: String(2 * n) }], structuredContent: { twice: 2 * n } })
    )
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => {
        transports.set(id, transport)
      },
      onsessionclosed: (id) => {
        transports.delete(id)
      }
    })
    await server.server.connect(transport)
    return transport
  }
  const server = createServer((request, response) => {
    const id = request.headers['mcp-session-id']
    const known = typeof id === 'string' ? transports.get(id) : undefined
    void (known === undefined ? connect() : Promise.resolve(known)).then((transport) =>
      transport.handleRequest(request, response)
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  try {
    const port = typeof address === 'object' ? address?.port : undefined
    const report = await testEndpoint(`http://127.0.0.1:${String(port)}/mcp`, { signal })
    // This library answers an unknown tool with a result that says isError: the one thing it does its own way.
    expect(failed(report).map((step) => step.id)).toEqual(['raw.unknown-tool'])
    expect(report.tools).toMatchObject([{ tool: 'double', passed: true }])
    expect(transports.size).toBe(1)
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

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

describe('an endpoint that cannot be talked to', () => {
  test('nothing listens: the first step says so and the rest is left out', async () => {
    const gone = await startFixture()
    await gone.close()
    const report = await testEndpoint(gone.url, { signal })
    expect(report.steps.map((step) => step.id)).toEqual(['raw.initialize'])
    expect(report.steps[0]?.evidence).toContain('ECONNREFUSED')
    expect(report).toMatchObject({ passed: false, server: undefined, latency: { count: 0, maxMs: 0 } })
  })

  test('it is a web page', async () => {
    const report = await run({ twist: () => ({ status: 200, type: 'text/html', body: '<html>' }) })
    expect(evidence(report, 'raw.initialize')).toContain('not JSON')
  })

  test('it has no tools', async () => {
    const report = await run(
      on('initialize', (_, { id }) =>
        jsonReply({
          jsonrpc: '2.0',
          id,
          result: { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'x', version: '1' } }
        })
      )
    )
    expect(evidence(report, 'raw.initialize')).toContain('tools')
  })

  test('it refuses the notification that initialize was heard', async () => {
    const report = await run(on('notifications/initialized', () => jsonReply({ no: true }, 500)))
    expect(evidence(report, 'raw.initialize')).toContain('HTTP 500, expected 202')
  })

  test('it answers the official client alone with an error', async () => {
    let count = 0
    const report = await run(on('initialize', (reply) => (++count === 1 ? reply : { ...reply, status: 503 })))
    expect(failed(report).map((step) => step.id)).toEqual(['sdk.initialize'])
    expect(report.tools.map((tool) => tool.ms.length)).toEqual([2, 1])
  })

  test('it shows the official client another list', async () => {
    let count = 0
    const report = await run(
      on('tools/list', (reply, { id }) =>
        ++count === 1 ? reply : jsonReply({ jsonrpc: '2.0', id, result: { tools: [addTool] } })
      )
    )
    expect(evidence(report, 'sdk.tools/list')).toContain('different tools')
  })
})

describe('an HTTPS endpoint', () => {
  test('passes with the authority of its certificate, and with no other', async () => {
    const { ca, key, cert } = await makeCertificate()
    const trusted = await run({ tls: { key, cert }, revision: 'a' }, { ca, expectRevision: 'a', tools: [] })
    expect(failed(trusted)).toEqual([])

    const unknown = await run({ tls: { key, cert } })
    expect(evidence(unknown, 'raw.initialize')).toMatch(/certificate|issuer/)
    const other = await run({ tls: { key, cert } }, { ca: (await makeCertificate()).ca })
    expect(other.passed).toBe(false)
  })
})

describe('the commit that is served', () => {
  test('is compared with the expected one', async () => {
    const report = await run({ revision: 'a'.repeat(40) }, { expectRevision: 'a'.repeat(40) })
    expect(failed(report)).toEqual([])
    expect(evidence(report, 'version')).toBe('a'.repeat(40))
  })

  test('fails where /health is not there', async () => {
    const report = await run({}, { expectRevision: 'a'.repeat(40) })
    expect(evidence(report, 'version')).toContain('HTTP 404')
  })

  test('fails where it is another one', async () => {
    const report = await run({ revision: 'b'.repeat(40) }, { expectRevision: 'a'.repeat(40) })
    expect(failed(report).map((step) => step.id)).toEqual(['version'])
    expect(evidence(report, 'version')).toContain('bbbb')
  })
})

describe('bad input', () => {
  test.each(['', 'localhost:8000/mcp', 'ftp://localhost/mcp', '/mcp'])('%p is no URL', async (url) => {
    await expect(testEndpoint(url, { signal })).rejects.toMatchObject({ code: 'invalid-arguments' })
  })

  test('a tool that is not listed is named, and those that are', async () => {
    const error: unknown = await run({}, { tools: ['add', 'subtract'] }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(CodedError)
    expect(error).toMatchObject({
      code: 'invalid-arguments',
      message: 'the server has no tool subtract',
      remedy: 'Choose from add, ping_me.'
    })
  })

  test('an interrupt ends it with its reason', async () => {
    const abort = new AbortController()
    const reason = new CodedError('aborted', 'stop', { remedy: 'again' })
    const running = run(
      {},
      {
        signal: abort.signal,
        onProgress: () => {
          abort.abort(reason)
        }
      }
    )
    await expect(running).rejects.toBe(reason)
  })
})
