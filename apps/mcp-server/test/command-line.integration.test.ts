import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { describe, expect, test } from '@jest/globals'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { bundle, runBundle, startBuiltServer } from './built-server.ts'
import { http, post } from './http-client.ts'

const version = { QUILT_MCP_VERSION: 'abc1234', QUILT_MCP_REVISION: 'abc1234'.padEnd(40, '0') }

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

  test.each([
    ['nobody reads', 'waits'],
    ['nobody can read any more', 'gone']
  ] as const)('with a log that %s ends the server with 0', async (_, reader) => {
    await using server = await startBuiltServer({ LOG_LEVEL: 'trace' })
    server.stopReading(reader)
    // more than a pipe holds
    for (let round = 0; round < 30; round++)
      await Promise.all(
        Array.from({ length: 50 }, (_, id) => post(server.url, { jsonrpc: '2.0', id, method: 'ping' }))
      )
    server.signal('SIGTERM')
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
