import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createServer } from 'node:net'
import { exportSPKI, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose'
import { z } from 'zod'
import { oauthCheck } from '../src/authentication/oauth.ts'
import { startBuiltServer, type BuiltServer } from './built-server.ts'
import { http, post, type HttpAnswer } from './http-client.ts'
import { BrowserFlow } from './oauth-flow.ts'
import { sign, signingKey, startOidcProvider, type OidcProvider, type SigningKey } from './oidc.ts'

const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
const otherResource = 'https://other.example/mcp'

let key: SigningKey
let provider: OidcProvider
let server: BuiltServer
let resource: string

beforeAll(async () => {
  const port = await freePort()
  const origin = `http://127.0.0.1:${String(port)}`
  resource = `${origin}/mcp`
  key = await signingKey('first')
  provider = await startOidcProvider([key], [resource, otherResource])
  server = await startBuiltServer({
    PORT: String(port),
    AUTH: 'oauth',
    PUBLIC_URL: origin,
    OAUTH_ISSUER: provider.issuer
  })
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await provider.stop()
})

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = z.object({ port: z.number() }).parse(probe.address())
  await new Promise((resolve) => probe.close(resolve))
  return port
}

/** A token that the provider itself gives to a program. */
async function issued(scope: string, audience = resource): Promise<string> {
  const response = await fetch(`${provider.issuer}/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa('machine:not-a-secret-of-anybody')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource: audience, scope })
  })
  return z.object({ access_token: z.string() }).parse(await response.json()).access_token
}

function call(token: string | undefined, message: object = ping): Promise<HttpAnswer> {
  return post(server.url, message, token === undefined ? {} : { Authorization: `Bearer ${token}` })
}

const claims = (): JWTPayload => ({ iss: provider.issuer, aud: resource })

describe('a client without a token', () => {
  test('is sent to the metadata, and they name the issuer', async () => {
    const refused = await call(undefined)
    expect(refused.status).toBe(401)
    const metadata = `${new URL(resource).origin}/.well-known/oauth-protected-resource/mcp`
    expect(refused.headers['www-authenticate']).toBe(
      `Bearer scope="quilt:read", resource_metadata="${metadata}"`
    )
    for (const url of [metadata, metadata.replace(/\/mcp$/, '')])
      expect((await http(url)).json()).toMatchObject({
        resource,
        authorization_servers: [provider.issuer],
        scopes_supported: ['quilt:read', 'quilt:write'],
        bearer_methods_supported: ['header']
      })
    expect((await http(`${server.url}/health`)).status).toBe(200)
    expect((await http(resource)).status).toBe(401)
  })

  test('of the SDK finds its way by itself: metadata, registration, login, token, call', async () => {
    const flow = new BrowserFlow()
    const url = new URL(resource)
    const client = new Client({ name: 'integration', version: '1' })
    const first = new StreamableHTTPClientTransport(url, { authProvider: flow })
    await expect(client.connect(first)).rejects.toThrow(UnauthorizedError)
    expect(flow.code).toMatch(/^[\w-]{20,}$/)
    await first.finishAuth(flow.code ?? '')
    await client.connect(new StreamableHTTPClientTransport(url, { authProvider: flow }))
    const { tools } = await client.listTools()
    expect(tools.length).toBeGreaterThan(5)
    expect(await client.callTool({ name: 'packages_list' })).toMatchObject({
      structuredContent: { packages: expect.any(Array) }
    })
    await client.close()
  })
})

describe('a token of the provider', () => {
  test('for this server passes, and the log has the principal only as a hash', async () => {
    const token = await issued('quilt:read')
    expect((await call(token)).json()).toEqual({ jsonrpc: '2.0', id: 1, result: {} })
    expect((await call(token)).status).toBe(200)
    expect(server.stdout()).toMatch(/"principal":"[\w-]{16}"/)
    expect(server.stdout()).not.toContain(token)
    expect(server.stdout()).not.toContain('#machine')
  })

  test('for another server is refused', async () => {
    const answer = await call(await issued('quilt:read', otherResource))
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toContain('error="invalid_token"')
    expect(answer.headers['www-authenticate']).toContain('The token is not for this server')
  })

  test('for reading alone may not call a tool that writes, and is told what to ask for', async () => {
    const write = { ...ping, method: 'tools/call', params: { name: 'package_delete', arguments: {} } }
    const refused = await call(await issued('quilt:read'), write)
    expect(refused.status).toBe(403)
    expect(refused.headers['www-authenticate']).toMatch(
      /error="insufficient_scope", scope="quilt:read quilt:write"/
    )
    // let through, it fails for want of arguments
    const passed = await call(await issued('quilt:read quilt:write'), write)
    expect([passed.status, passed.body.includes('insufficient')]).toEqual([200, false])
  })
})

describe('a forged or spoilt token is refused', () => {
  const now = Math.floor(Date.now() / 1000)
  test.each<[string, () => JWTPayload, string]>([
    ['expired beyond the clock skew', () => ({ ...claims(), exp: now - 31 }), 'The token has expired'],
    [
      'of another issuer',
      () => ({ ...claims(), iss: 'https://evil.example' }),
      'The token is of another issuer'
    ],
    ['for another audience', () => ({ ...claims(), aud: otherResource }), 'The token is not for this server'],
    ['not valid yet', () => ({ ...claims(), nbf: now + 120 }), 'The token is not valid yet'],
    ['bound to a key', () => ({ ...claims(), cnf: { jkt: 'x' } }), 'The token is bound to a key']
  ])('%s', async (_, payload, reason) => {
    const answer = await call(await sign(key, payload()))
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toContain(`error_description="${reason}"`)
  })

  test.each([
    ['exp', 'The token lacks a claim or has a wrong one'],
    ['sub', 'The token names no subject']
  ])('without the claim %s', async (claim, reason) => {
    const answer = await call(await sign(key, claims(), [claim]))
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toContain(`error_description="${reason}"`)
  })

  test('expired within the clock skew it passes', async () => {
    expect((await call(await sign(key, { ...claims(), exp: now - 10 }))).status).toBe(200)
  })

  test('with a scope of something else it gets 403', async () => {
    const answer = await call(await sign(key, { ...claims(), scope: 'openid' }))
    expect(answer.status).toBe(403)
    expect(answer.headers['www-authenticate']).toContain('error="insufficient_scope", scope="quilt:read"')
  })

  test('alg none', async () => {
    const token = new UnsecuredJWT({ sub: 'alice', scope: 'quilt:read', ...claims() })
      .setExpirationTime('1m')
      .encode()
    expect((await call(token)).status).toBe(401)
    expect((await call(`${token}AAAA`)).status).toBe(401)
  })

  test('the public key used as a shared secret', async () => {
    const secret = new TextEncoder().encode(await exportSPKI(key.publicKey))
    const token = await new SignJWT({ sub: 'alice', scope: 'quilt:read', ...claims() })
      .setProtectedHeader({ alg: 'HS256', kid: key.id })
      .setExpirationTime('1m')
      .sign(secret)
    expect((await call(token)).status).toBe(401)
  })

  test('the key of somebody else, under the name of the right one, or brought along', async () => {
    const other = { ...(await signingKey('other')), id: key.id }
    expect((await call(await sign(other, claims()))).status).toBe(401)
    const brought = await new SignJWT({ sub: 'alice', scope: 'quilt:read', ...claims() })
      .setProtectedHeader({ alg: 'RS256', jwk: other.privateJwk })
      .setExpirationTime('1m')
      .sign(other.privateKey)
    expect((await call(brought)).status).toBe(401)
  })

  test.each(['Basic YTpi', 'Bearer', 'Bearer a b', 'Bearer ..', `Bearer ${'x'.repeat(8000)}`])(
    'as Authorization: %p',
    async (authorization) => {
      const answer = await post(server.url, ping, { Authorization: authorization })
      expect(answer.status).toBe(401)
      expect(answer.body).not.toContain('xxx')
    }
  )

  test('in the address instead of the header it does not count', async () => {
    const token = await sign(key, claims())
    const answer = await http(`${resource}?access_token=${token}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(ping)
    })
    expect(answer.status).toBe(401)
  })
})

test('when the provider is down, known keys go on to work and a server that has none says 503', async () => {
  await call(await sign(key, claims()))
  await using lone = await startBuiltServer({
    AUTH: 'oauth',
    PUBLIC_URL: new URL(resource).origin,
    OAUTH_ISSUER: provider.issuer
  })
  const { port } = provider
  await provider.stop()
  expect((await call(await sign(key, { ...claims(), sub: 'bob' }))).status).toBe(200)
  const token = await sign(key, claims())
  const answer = await post(lone.url, ping, { Authorization: `Bearer ${token}` })
  expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5'])
  provider = await startOidcProvider([key], [resource, otherResource], port)
  expect((await post(lone.url, ping, { Authorization: `Bearer ${token}` })).status).toBe(200)
})

test('when the provider changes its keys, tokens of the new one pass and those of the old one end', async () => {
  const check = oauthCheck({
    issuer: provider.issuer,
    audience: resource,
    keysUrl: undefined,
    keysSeconds: 600,
    rotationSeconds: 0,
    clockSkewSeconds: 30
  })
  await expect(check(await sign(key, claims()))).resolves.toMatchObject({
    principal: { id: `${provider.issuer}#alice`, token: undefined }
  })
  const { port } = provider
  const next = await signingKey('second')
  await provider.stop()
  provider = await startOidcProvider([next], [resource, otherResource], port)
  await expect(check(await sign(next, claims()))).resolves.toBeDefined()
  await expect(check(await sign(key, claims()))).rejects.toThrow('The token is not valid')
})
