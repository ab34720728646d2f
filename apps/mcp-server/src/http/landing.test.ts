import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { http } from '../../test/http-client.ts'
import { startServer, type TestServer } from '../../test/server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer({ allowedHosts: ['*'] })
})

afterAll(() => server.close())

describe('GET /mcp', () => {
  test('curl gets 200 and a description in JSON', async () => {
    const answer = await http(`${server.url}/mcp`, { headers: { Accept: '*/*' } })
    expect(answer.status).toBe(200)
    expect(answer.json()).toMatchObject({
      name: 'quilt-mcp',
      version: 'abc1234',
      endpoint: `${server.url}/mcp`,
      transport: 'streamable-http',
      protocolVersions: ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28'],
      tools: [{ name: 'echo' }, { name: 'refusing' }, { name: 'broken' }],
      connect: { 'Claude Code': `claude mcp add --transport http quilt ${server.url}/mcp` }
    })
  })

  test('a browser gets a page that says how to connect Claude, Cursor and VS Code', async () => {
    const answer = await http(`${server.url}/mcp`, {
      headers: { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
    })
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
    for (const text of [
      'Claude Code',
      'Cursor',
      'VS Code',
      `${server.url}/mcp`,
      'abc1234',
      '<code>echo</code>'
    ])
      expect(answer.body).toContain(text)
    expect(answer.body).toContain('Test &lt;server&gt;')
  })

  test('behind a proxy with TLS the address has https and the name the client used', async () => {
    const answer = await http(`${server.url}/mcp`, {
      headers: { Host: 'localhost:8443', 'X-Forwarded-Proto': 'https' }
    })
    expect(answer.json()).toMatchObject({ endpoint: 'https://localhost:8443/mcp' })
  })

  test('a proxy header with anything else is not shown', async () => {
    const answer = await http(`${server.url}/mcp`, {
      headers: { 'X-Forwarded-Proto': '<script>', Accept: 'text/html' }
    })
    expect(answer.body).not.toContain('<script>')
  })

  test('HEAD gets the same without the body', async () => {
    const answer = await http(`${server.url}/mcp`, { method: 'HEAD' })
    expect([answer.status, answer.body]).toEqual([200, ''])
  })
})
