import { CodedError } from '@fast-mcp/errors'
import { describe, expect, test } from '@jest/globals'
import { makeCertificate } from '../../test/certificate.ts'
import { addTool, jsonReply, startFixture } from '../../test/fixture-server.ts'
import { evidence, failed, on, run } from '../../test/run-endpoint.ts'
import { testEndpoint } from './test-endpoint.ts'

const signal = new AbortController().signal

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

describe('an endpoint that cannot be talked to', () => {
  test('nothing listens: the first step says so and the rest is left out', async () => {
    const gone = await startFixture()
    await gone.close()
    const report = await testEndpoint(gone.url, { signal })
    expect(report.steps.map((step) => step.id)).toEqual(['raw.initialize'])
    // refused, or with some firewalls said to be out of reach
    expect(report.steps[0]?.evidence).toMatch(/connect E[A-Z]+/)
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
