import { Client, StreamableHTTPClientTransport, type ClientOptions } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { bundle, startBuiltServer, type BuiltServer } from '../built-server.ts'
import { inspector } from './inspector.ts'
import { pythonClients } from './python.ts'

const run = promisify(execFile)
const python = await pythonClients()
if ('missing' in python)
  process.stderr.write(`Python clients: skipped, since they cannot be installed: ${python.missing}\n`)

const inspected = await inspector()
if ('missing' in inspected)
  process.stderr.write(`The MCP inspector: skipped, since it cannot be installed: ${inspected.missing}\n`)

/** Lists and calls as every client does. The client itself holds results against the tools' schemas. */
async function use(client: Client): Promise<void> {
  const { tools } = await client.listTools()
  expect(tools.length).toBeGreaterThan(5)
  const status = await client.callTool({ name: 'server_status', arguments: {} })
  expect(status.structuredContent).toMatchObject({ name: 'quilt-mcp' })
  const { structuredContent } = await client.callTool({ name: 'packages_list', arguments: { limit: 2 } })
  expect(structuredContent).toMatchObject({ next_cursor: expect.any(String) })
  const refused = await client.callTool({ name: 'package_browse', arguments: { package: 'no/such' } })
  expect(refused.isError).toBe(true)
  await expect(client.callTool({ name: 'no_such_tool' })).rejects.toMatchObject({ code: -32602 })
}

const modes: readonly (readonly [string, ClientOptions, string])[] = [
  ['auto', { versionNegotiation: { mode: 'auto' } }, '2026-07-28'],
  ['legacy', { versionNegotiation: { mode: 'legacy' } }, '2025-11-25'],
  ['pinned', { versionNegotiation: { mode: { pin: '2026-07-28' } } }, '2026-07-28']
]

describe.each(['off', 'on'])('with sessions %s', (sessions) => {
  let server: BuiltServer

  beforeAll(async () => {
    server = await startBuiltServer({ SESSIONS: sessions })
  })

  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  test.each(modes)("the SDK's second client, %s", async (_, options, revision) => {
    const client = new Client({ name: 'integration', version: '1' }, options)
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`)))
    expect(client.getNegotiatedProtocolVersion()).toBe(revision)
    await use(client)
    await client.close()
  })

  const pythonTest = 'missing' in python ? test.skip : test
  pythonTest("Python's mcp and fastmcp, with a handshake and without", async () => {
    if ('missing' in python) return
    const script = join(import.meta.dirname, 'client.py')
    const { stdout } = await run(python.interpreter, [script, `${server.url}/mcp`])
    const seen = z
      .record(z.string(), z.object({ tools: z.number(), status: z.string() }))
      .parse(JSON.parse(stdout))
    expect(Object.keys(seen)).toEqual(['mcp legacy', 'fastmcp legacy', 'mcp auto', 'fastmcp auto'])
    for (const { tools, status } of Object.values(seen))
      expect([tools > 5, status]).toEqual([true, 'quilt-mcp'])
  })

  const inspectorTest = 'missing' in inspected ? test.skip : test
  inspectorTest('the command line of the inspector', async () => {
    if ('missing' in inspected) return
    const ask = async (...asked: readonly string[]): Promise<unknown> => {
      const where = ['--cli', `${server.url}/mcp`, '--transport', 'http']
      const { stdout } = await run(process.execPath, [inspected.program, ...where, '--method', ...asked])
      return JSON.parse(stdout) as unknown
    }
    expect(await ask('tools/list')).toMatchObject({
      tools: expect.arrayContaining([expect.objectContaining({ name: 'packages_list' })])
    })
    expect(await ask('tools/call', '--tool-name', 'packages_list', '--tool-arg', 'limit=2')).toMatchObject({
      structuredContent: { next_cursor: expect.any(String) }
    })
    expect(await ask('resources/list')).toMatchObject({ resources: expect.any(Array) })
    expect(await ask('prompts/list')).toMatchObject({ prompts: expect.any(Array) })
  })
})

test("the SDK's second client over stdio falls back to the handshake", async () => {
  const client = new Client({ name: 'integration', version: '1' }, { versionNegotiation: { mode: 'auto' } })
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [bundle, '--stdio'],
      env: {},
      stderr: 'ignore'
    })
  )
  expect(client.getNegotiatedProtocolVersion()).toBe('2025-11-25')
  await use(client)
  await client.close()
})
