import { afterEach, describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { http, post } from '../../../test/http-client.ts'
import { startServer, type TestServer } from '../../../test/server.ts'
import { callOf, madeUpTokens, openSession } from '../../../test/session.ts'
import { writing } from '../../../test/tools.ts'
import { tool } from '../../tools/tool.ts'

const head = {
  title: 'Test tool',
  description: 'A tool for tests.',
  toolset: 'server',
  input: z.strictObject({}),
  output: z.strictObject({ token: z.string() }),
  examples: []
} as const

/** Says whose token the call came with. */
const whose = tool({
  ...head,
  name: 'whose',
  scope: 'read',
  annotations: { readOnlyHint: true, openWorldHint: false },
  handle: (_, { principal }) => ({ structured: { token: principal.token ?? 'none' }, line: 'Yours.' })
})

let server: TestServer

afterEach(() => server.close())

async function start(): Promise<void> {
  const overrides = { sessionMode: 'on', auth: { kind: 'stack' } } as const
  server = await startServer(overrides, [whose, writing], (methods) => methods, madeUpTokens)
}

const by = (token: string) => ({ Authorization: `Bearer ${token}` })

describe('in a session', () => {
  test('a call is made with the token that came with it, not with the one of initialize', async () => {
    await start()
    const session = await openSession(server.url, by('ann.read.old'))
    const answer = await post(server.url, callOf('whose'), { ...session, ...by('ann.read.new') })
    expect(answer.body).toContain('"token":"ann.read.new"')
  })

  test('a token that may write may, once its client has got one', async () => {
    await start()
    const session = await openSession(server.url, by('ann.read'))
    expect((await post(server.url, callOf('writing'), session)).status).toBe(403)
    const answer = await post(server.url, callOf('writing'), { ...session, ...by('ann.write') })
    expect(answer.body).toContain('"token":"ann.write"')
  })

  test('a batch may not write with a token that only reads, whoever opened the session', async () => {
    await start()
    const session = await openSession(server.url, by('ann.write'), '2025-03-26')
    const batch = [callOf('writing', 1), callOf('whose', 2)]
    const read = await post(server.url, batch, { ...session, ...by('ann.read') })
    expect(read.json()).toMatchObject([
      { id: 1, result: { isError: true, _meta: { 'quilt-mcp/failure': { code: 'insufficient-scope' } } } },
      { id: 2, result: { structuredContent: { token: 'ann.read' } } }
    ])
    const written = await post(server.url, batch, session)
    expect(written.json()).toMatchObject([{ result: { structuredContent: { token: 'ann.write' } } }, {}])
  })

  test('what the headers of a request narrow the tools to holds for it', async () => {
    await start()
    const session = await openSession(server.url, by('ann.write'))
    const narrowed = await post(server.url, callOf('writing'), { ...session, 'X-MCP-Readonly': 'true' })
    expect(narrowed.body).toContain('Unknown tool')
    expect((await post(server.url, callOf('writing'), session)).body).toContain('"token":"ann.write"')
  })

  test('another principal finds nothing: POST, GET and DELETE get 404, and the session goes on', async () => {
    await start()
    const session = await openSession(server.url, by('ann.read'))
    const other = { ...session, ...by('bob.write'), Accept: 'text/event-stream' }
    const url = `${server.url}/mcp`
    const statuses = [
      await post(server.url, callOf('whose'), { ...session, ...by('bob.write') }),
      await http(url, { headers: other }),
      await http(url, { method: 'DELETE', headers: other })
    ].map(({ status }) => status)
    expect(statuses).toEqual([404, 404, 404])
    expect((await post(server.url, callOf('whose'), session)).body).toContain('ann.read')
  })

  test('a line of the log has the request and a hash of the principal, and never the token', async () => {
    await start()
    const session = await openSession(server.url, by('ann.read'))
    await post(server.url, callOf('whose'), { ...session, 'X-Request-Id': 'request-1' })
    expect(server.log).toContainEqual(
      expect.objectContaining({
        session: String(session['Mcp-Session-Id']).slice(0, 8),
        requestId: 'request-1',
        principal: expect.stringMatching(/^[\w-]{16}$/),
        tool: 'whose'
      })
    )
    expect(JSON.stringify(server.log)).not.toContain('ann')
  })
})
