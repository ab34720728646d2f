import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { describe, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { z } from 'zod'
import { tools as allTools } from '../src/tools/index.ts'
import { bundle, startBuiltServer } from './built-server.ts'
import { ask, http, raw } from './http-client.ts'

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
