import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { describe, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { tools as allTools } from '../src/tools/index.ts'
import { bundle, runBundle, startBuiltServer } from './built-server.ts'
import { ask, http, post, raw } from './http-client.ts'

const version = { QUILT_MCP_VERSION: 'abc1234', QUILT_MCP_REVISION: 'abc1234'.padEnd(40, '0') }
const examples = z.array(z.record(z.string(), z.unknown()))

/** Lists the tools and calls each with every example. The client holds each answer against the tool's output schema. */
async function callEverything(client: Client): Promise<void> {
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name)).toEqual(allTools.map(({ name }) => name))
  for (const { name, _meta } of tools)
    for (const example of examples.parse(_meta?.['quilt-mcp/examples'])) {
      const result = await client.callTool({ name, arguments: example })
      expect([name, example, result.isError ?? false]).toEqual([name, example, false])
      expect(result.structuredContent).toBeInstanceOf(Object)
    }
  const { resources } = await client.listResources()
  for (const { uri } of resources) expect((await client.readResource({ uri })).contents).not.toEqual([])
  expect((await client.listResourceTemplates()).resourceTemplates).toHaveLength(8)
  const { prompts } = await client.listPrompts()
  expect(prompts).toHaveLength(5)
  expect(
    await client.getPrompt({ name: 'describe_package', arguments: { package: 'biology/penguins' } })
  ).toMatchObject({ messages: [{ role: 'user' }] })
  expect(
    await client.complete({
      ref: { type: 'ref/prompt', name: 'describe_package' },
      argument: { name: 'package', value: 'bio' }
    })
  ).toMatchObject({ completion: { values: ['biology/penguins'] } })
  await client.ping()
  await expect(client.callTool({ name: 'no_such_tool' })).rejects.toMatchObject({ code: -32602 })
  const refused = await client.callTool({ name: 'package_browse', arguments: { package: 'no/such' } })
  expect(refused).toMatchObject({
    isError: true,
    _meta: { 'quilt-mcp/failure': { code: 'package-not-found' } }
  })
}

describe('the built server', () => {
  test('is one file without a path of the machine it was built on', async () => {
    const text = await readFile(bundle, 'utf8')
    expect(text).not.toContain(resolve(import.meta.dirname, '../../..'))
    expect(text).not.toContain('sourceMappingURL')
  })

  test('is ready within the ten seconds that are allowed, and says how long it took', async () => {
    const times: number[] = []
    for (let start = 0; start < 5; start++) {
      await using server = await startBuiltServer({ LOG_LEVEL: 'info' })
      times.push(Math.round(server.readyMs))
    }
    process.stdout.write(`ready after ${times.join(', ')} ms\n`)
    expect(Math.max(...times)).toBeLessThan(10_000)
  })

  test('answers the official client over HTTP, every tool', async () => {
    await using server = await startBuiltServer(version)
    const client = new Client({ name: 'integration', version: '1' })
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`)))
    expect(client.getServerVersion()).toMatchObject({
      name: 'quilt-mcp',
      version: version.QUILT_MCP_REVISION
    })
    await callEverything(client)
    await client.close()
    const log = server.stdout().split('\n').slice(0, -1)
    expect(log.length).toBeGreaterThan(10)
    for (const line of log)
      expect(z.looseObject({ level: z.string(), time: z.string() }).parse(JSON.parse(line))).toBeDefined()
  })

  test('answers the official client over stdio, every tool, with its log on stderr', async () => {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [bundle, '--stdio'],
      env: version,
      cwd: '/',
      stderr: 'pipe'
    })
    let log = ''
    transport.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString('utf8')))
    const client = new Client({ name: 'integration', version: '1' })
    await client.connect(transport)
    expect(client.getServerVersion()).toMatchObject({
      name: 'quilt-mcp',
      version: version.QUILT_MCP_REVISION
    })
    await callEverything(client)
    await client.close()
    expect(log).toContain('"tool":"object_read"')
  })

  test('describes itself to curl and to a browser, and says how it is', async () => {
    await using server = await startBuiltServer(version)
    expect((await http(`${server.url}/mcp`)).status).toBe(200)
    expect((await http(`${server.url}/mcp`, { headers: { Accept: 'text/html' } })).body).toContain(
      'claude mcp add'
    )
    expect((await http(`${server.url}/health`)).json()).toMatchObject({
      status: 'ok',
      version: version.QUILT_MCP_VERSION,
      revision: version.QUILT_MCP_REVISION
    })
    expect((await http(`${server.url}/ready`)).status).toBe(200)
  })
})

describe('SIGTERM', () => {
  test('with nothing in flight ends the server with 0, at once', async () => {
    await using server = await startBuiltServer()
    await post(server.url, { jsonrpc: '2.0', id: 1, method: 'ping' })
    const started = performance.now()
    server.signal('SIGTERM')
    expect(await server.exited).toBe(0)
    expect(performance.now() - started).toBeLessThan(5000)
    expect(server.stdout()).toContain('"msg":"stopped"')
  })

  test('with a request in flight: /ready says 503, the request is answered, the server ends with 0', async () => {
    await using server = await startBuiltServer()
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'server_status' }
    })
    const answer = new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
      const sent = request(`${server.url}/mcp`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
      })
      sent.on('error', reject).on('response', (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
        response.on('end', () => resolve({ status: response.statusCode, body: text }))
      })
      sent.write(body.slice(0, 10))
      void sleep(100)
        .then(() => {
          server.signal('SIGTERM')
          return sleep(100)
        })
        .then(() => http(`${server.url}/ready`))
        .then((ready) => {
          expect(ready.status).toBe(503)
          sent.end(body.slice(10))
        })
        .catch(reject)
    })
    const { status, body: text } = await answer
    expect(status).toBe(200)
    expect(JSON.parse(text)).toMatchObject({ id: 1, result: { structuredContent: { name: 'quilt-mcp' } } })
    expect(await server.exited).toBe(0)
  })

  test('on stdio ends it with 0', async () => {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [bundle, '--stdio'],
      env: {}
    })
    const client = new Client({ name: 'integration', version: '1' })
    await client.connect(transport)
    const closed = new Promise<void>((resolve) => {
      client.onclose = resolve
    })
    process.kill(transport.pid ?? 0, 'SIGTERM')
    await closed
  })
})

describe('the command line', () => {
  test('--health ends with 0 for a server that is well, and fast', async () => {
    await using server = await startBuiltServer()
    const well = await runBundle(['--health'], { PORT: new URL(server.url).port })
    expect(well).toMatchObject({ code: 0, stdout: '', stderr: '' })
    process.stdout.write(`--health took ${String(Math.round(well.milliseconds))} ms\n`)
    expect(well.milliseconds).toBeLessThan(5000)
  })

  test('--health ends with 1 where there is none', async () => {
    expect(await runBundle(['--health'], { PORT: '1' })).toMatchObject({ code: 1 })
  })

  test('--version and --help end with 0', async () => {
    expect(await runBundle(['--version'], version)).toMatchObject({
      code: 0,
      stdout: `quilt-mcp abc1234 (${version.QUILT_MCP_REVISION})\n`
    })
    expect(await runBundle(['--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('QUILT_REGISTRIES')
    })
  })

  test.each([
    ['an unknown argument', ['--port'], {}, '--port'],
    ['a wrong variable', [], { PORT: 'eight' }, 'PORT is "eight"'],
    ['a sample that is not there', [], { SAMPLE: '/no/such' }, '/no/such'],
    ['a registry that is not there', [], { QUILT_REGISTRIES: 'file:///no/such' }, 'file:///no/such']
  ])('%s ends it with 2 and a message that names it', async (_, args, environment, text) => {
    const ended = await runBundle(args, environment)
    expect(ended.code).toBe(2)
    expect(ended.stderr).toContain(text)
    expect(ended.stderr).toContain('what to do:')
    expect(ended.stderr).not.toMatch(/\n\s+at /)
  })

  test('a port in use ends it with 2 and a message that names it', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = z.object({ port: z.number() }).parse(taken.address())
    const ended = await runBundle([], { PORT: String(port) })
    taken.close()
    expect([ended.code, ended.stderr.includes(String(port))]).toEqual([2, true])
  })
})

describe('hostile input', () => {
  test('none of it gets a 5xx or ends the server', async () => {
    await using server = await startBuiltServer()
    const json = { 'Content-Type': 'application/json' }
    const call = (name: string, args: unknown): string =>
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } })
    const bodies = [
      '',
      '{',
      'null',
      '[]',
      '[[]]',
      '"text"',
      '1e999',
      '['.repeat(100_000),
      '{"a":'.repeat(100_000),
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'x'.repeat(1_000_000) }),
      JSON.stringify({ jsonrpc: '2.0', id: 'x'.repeat(1_000_000), method: 'ping' }),
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"__proto__":{"name":"echo"}}}',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"__proto__"}}',
      '{"jsonrpc":"2.0","id":99999999999999999999,"method":"ping"}',
      '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}',
      call('object_read', { package: 'a/b', path: '../'.repeat(1000) }),
      call('object_read', { uri: 'quilt+file:///etc#package=a/b&path=passwd' }),
      call('object_read', { package: 'climate/seattle-weather', path: 'README.md', offset: 1e308 }),
      call('object_read', { package: 'climate/seattle-weather', path: 'README.md', length: -1 }),
      call('packages_list', { cursor: '\u0000' }),
      call('packages_list', { cursor: '../../..' }),
      call('packages_list', { prefix: '../../' }),
      call('package_browse', { package: '../..' }),
      call('package_browse', { package: 'a/b'.padEnd(1_000_000, 'b') }),
      call('package_browse', { package: 'biology/penguins', revision: '../../../etc/passwd' }),
      call('package_browse', { package: 'biology/penguins', path: '\ud800' }),
      call('catalog_uri', { package: 'biology/penguins', path: '\ud800' }),
      call('package_versions', { package: 'constructor/prototype' })
    ]
    const answers = await Promise.all(
      bodies.map((body) => http(`${server.url}/mcp`, { method: 'POST', headers: json, body }))
    )
    answers.forEach(({ status, body }, index) => {
      expect([bodies[index]?.slice(0, 80), status < 500]).toEqual([bodies[index]?.slice(0, 80), true])
      expect(body).not.toMatch(/\bat .*\.(?:ts|js):|node_modules|root:/)
      if (body !== '') expect(body).not.toContain('"code":"internal"')
    })
    const huge = 'x'.repeat(6 * 1024 ** 2)
    expect((await http(`${server.url}/mcp`, { method: 'POST', headers: json, body: huge })).status).toBe(413)
    for (const bytes of [
      '\r\n\r\n',
      'GET',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'GET /mcp HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
    ])
      await raw(server.url, bytes, { milliseconds: 200 })
    expect(await ask(server.url, 'ping')).toEqual({ jsonrpc: '2.0', id: 1, result: {} })
  })
})
