import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Server } from 'node:http'
import { publicJwk, sign, signingKey } from '../../../test/oidc.ts'
import { startServer, type TestServer } from '../../../test/server.ts'
import { callOf, madeUpTokens, openSession } from '../../../test/session.ts'
import { echo, writing } from '../../../test/tools.ts'
import { listen, urlOf } from '../listen.ts'

const limits = {
  host: '127.0.0.1',
  port: 0,
  requestTimeoutSeconds: 5,
  maxHeaderBytes: 16_384,
  maxConnections: 10
}
const version = '2026-07-28'
const _meta = {
  'io.modelcontextprotocol/protocolVersion': version,
  'io.modelcontextprotocol/clientInfo': { name: 't', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {}
}

/** How a server is asked: the HTTP method, headers and body of a request. */
interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly value?: unknown
}

const modern = (method: string, name: string, params: object): Asked => ({
  headers: { 'MCP-Protocol-Version': version, 'Mcp-Method': method, 'Mcp-Name': name },
  value: { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } }
})
const old = { 'MCP-Protocol-Version': '2025-03-26' }
const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
const client = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } }

const outside: readonly (readonly [string, Asked])[] = [
  ['a message', { value: ping }],
  ['a batch', { headers: old, value: [ping, ping] }],
  ['a call of 2026-07-28', modern('tools/call', 'echo', { name: 'echo', arguments: { text: 'x' } })],
  ['a resource of 2026-07-28', modern('resources/read', 'quilt://server', { uri: 'quilt://server' })],
  ['a new session', { value: { jsonrpc: '2.0', id: 1, method: 'initialize', params: client } }],
  ['a look at the endpoint', { method: 'GET', headers: { Accept: 'text/html' } }]
]
const inside: readonly (readonly [string, Asked])[] = [
  ['a message', { value: ping }],
  ['a batch', { headers: old, value: [ping, ping] }],
  ['its stream', { method: 'GET' }],
  ['its end', { method: 'DELETE' }]
]
const writes: readonly (readonly [string, Asked])[] = [
  ['a call', { value: callOf('writing') }],
  ['a call of 2026-07-28', modern('tools/call', 'writing', { name: 'writing' })]
]

let server: TestServer
let issuer: Server
let tokenOf: (scope: 'none' | 'read' | 'write') => Promise<string>

async function statusOf({ method = 'POST', headers = {}, value }: Asked, token?: string): Promise<number> {
  const response = await fetch(`${server.url}/mcp`, {
    method,
    headers: {
      Accept: 'application/json, text/event-stream',
      ...(method === 'POST' ? { 'Content-Type': 'application/json' } : {}),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...headers
    },
    ...(value === undefined ? {} : { body: JSON.stringify(value) })
  })
  await response.body?.cancel()
  return response.status
}

/** What is answered without a token, without a scope, and with the one to read. */
async function statusesOf(asked: Asked): Promise<readonly number[]> {
  return [
    await statusOf(asked),
    await statusOf(asked, 'made up'),
    await statusOf(asked, await tokenOf('none')),
    await statusOf(asked, await tokenOf('read'))
  ]
}

async function start(kind: 'stack' | 'oauth'): Promise<void> {
  const key = await signingKey('one')
  const jwk = await publicJwk(key)
  issuer = await listen((_, response) => response.end(JSON.stringify({ keys: [jwk] })), limits)
  const oauth = {
    issuer: 'https://issuer.example',
    keysUrl: urlOf(issuer),
    audience: 'https://mcp.example/mcp',
    keysSeconds: 60,
    rotationSeconds: 30,
    clockSkewSeconds: 0
  }
  const resource = oauth.audience
  const auth = kind === 'stack' ? ({ kind } as const) : ({ kind, resource, oauth } as const)
  const overrides = { sessionMode: 'on', auth } as const
  server = await startServer(overrides, [echo, writing], (methods) => methods, madeUpTokens)
  tokenOf = (scope) =>
    kind === 'stack'
      ? Promise.resolve(`ann.${scope}`)
      : sign(key, { iss: oauth.issuer, aud: resource, sub: 'ann', scope: `quilt:${scope}` })
}

describe.each(['stack', 'oauth'] as const)('with AUTH=%s', (kind) => {
  beforeAll(() => start(kind))
  afterAll(async () => {
    await server.close()
    issuer.close()
  })

  test.each(outside)(
    '%s gets 401 without a token that is good, 403 without a scope, and 200',
    async (_, asked) => {
      expect(await statusesOf(asked)).toEqual([401, 401, 403, 200])
    }
  )

  test.each(inside)('%s in a session gets the same', async (_, asked) => {
    const authorization = { Authorization: `Bearer ${await tokenOf('read')}` }
    const opened = await openSession(server.url, authorization, '2025-03-26')
    const headers = { ...asked.headers, 'Mcp-Session-Id': String(opened['Mcp-Session-Id']) }
    expect(await statusesOf({ ...asked, headers })).toEqual([401, 401, 403, 200])
  })

  test.each(writes)(
    '%s that writes gets 403 with the scope to read, and 200 with the one to write',
    async (_, asked) => {
      expect(await statusOf(asked, await tokenOf('read'))).toBe(403)
      expect(await statusOf(asked, await tokenOf('write'))).toBe(200)
    }
  )
})
