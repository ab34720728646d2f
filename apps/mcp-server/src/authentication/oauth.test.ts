import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Server } from 'node:http'
import { publicJwk, sign, signingKey, type SigningKey } from '../../test/oidc.ts'
import { listen, urlOf } from '../http/listen.ts'
import { oauthCheck, type OAuthOptions } from './oauth.ts'
import { TokenRejected, VerifierUnavailable } from './token-verifier.ts'

let server: Server
let issuer: string
let key: SigningKey
/** What the issuer answers, by path; any other path is 404. */
let answers: Map<string, unknown>

beforeAll(async () => {
  key = await signingKey('one')
  server = await listen(
    (request, response) => {
      const answer = answers.get(request.url ?? '')
      if (answer === undefined) response.writeHead(404).end()
      else response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer))
    },
    {
      host: '127.0.0.1',
      port: 0,
      requestTimeoutSeconds: 5,
      maxHeaderBytes: 8192,
      maxConnections: 50
    }
  )
  issuer = `${urlOf(server)}/tenant`
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

beforeEach(async () => {
  answers = new Map<string, unknown>([
    ['/tenant/.well-known/openid-configuration', { issuer, jwks_uri: `${urlOf(server)}/keys` }],
    ['/keys', { keys: [await publicJwk(key)] }]
  ])
})

const options = (more: Partial<OAuthOptions> = {}): OAuthOptions => ({
  issuer,
  audience: 'quilt',
  keysUrl: undefined,
  keysSeconds: 600,
  rotationSeconds: 0,
  clockSkewSeconds: 30,
  ...more
})
const claims = () => ({ iss: issuer, aud: 'quilt' })

test('the keys are found where OpenID puts the metadata, or where OAuth does', async () => {
  const check = oauthCheck(options())
  expect(await check(await sign(key, claims()))).toMatchObject({ principal: { id: `${issuer}#alice` } })
  const found = answers.get('/tenant/.well-known/openid-configuration')
  answers.delete('/tenant/.well-known/openid-configuration')
  answers.set('/.well-known/oauth-authorization-server/tenant', found)
  expect(await oauthCheck(options())(await sign(key, claims()))).toBeDefined()
})

test.each([
  [{ scope: 'quilt:read openid' }, ['read']],
  [{ scope: 'quilt:write' }, ['write', 'read']],
  [{ scope: undefined, scp: ['quilt:read', 7] }, ['read']],
  [{ scope: 'quilt:reader' }, []],
  [{ scope: 7 }, []]
])('%j grants %j', async ({ scope, ...rest }, scopes) => {
  const token = await sign(
    key,
    { ...claims(), ...rest, ...(scope === undefined ? {} : { scope }) },
    scope === undefined ? ['scope'] : []
  )
  const { principal } = await oauthCheck(options())(token)
  expect([...principal.scopes]).toEqual(scopes)
})

test('a new key is fetched when a token names it, and then the old one is gone', async () => {
  const check = oauthCheck(options())
  await check(await sign(key, claims()))
  const next = await signingKey('two')
  answers.set('/keys', { keys: [await publicJwk(next)] })
  await expect(check(await sign(next, claims()))).resolves.toBeDefined()
  await expect(check(await sign(key, claims()))).rejects.toThrow(TokenRejected)
})

test('a token of a key that nobody has is refused, and is no reason to ask the issuer again and again', async () => {
  const check = oauthCheck(options({ rotationSeconds: 30 }))
  await check(await sign(key, claims()))
  answers.clear()
  await expect(check(await sign(await signingKey('unknown'), claims()))).rejects.toThrow(TokenRejected)
})

test.each<[string, (answers: Map<string, unknown>) => void]>([
  ['without metadata', (all) => all.delete('/tenant/.well-known/openid-configuration')],
  [
    'whose metadata name another issuer',
    (all) =>
      all.set('/tenant/.well-known/openid-configuration', {
        issuer: 'https://evil.example',
        jwks_uri: 'https://evil.example/keys'
      })
  ],
  [
    'whose metadata say that its keys come over http from elsewhere',
    (all) => {
      // the same server, under an address that is not of loopback
      const keys = `${urlOf(server).replace('127.0.0.1', '0.0.0.0')}/keys`
      all.set('/tenant/.well-known/openid-configuration', { issuer, jwks_uri: keys })
    }
  ],
  ['whose metadata are nonsense', (all) => all.set('/tenant/.well-known/openid-configuration', [])],
  ['without keys', (all) => all.delete('/keys')],
  ['whose keys are nonsense', (all) => all.set('/keys', { keys: 'none' })]
])('an issuer %s cannot be asked; when it is well again it can', async (_, spoil) => {
  const well = new Map(answers)
  spoil(answers)
  const check = oauthCheck(options())
  const token = await sign(key, claims())
  await expect(check(token)).rejects.toThrow(VerifierUnavailable)
  answers = well
  await expect(check(token)).resolves.toBeDefined()
})

test('keys at an address of their own need no metadata', async () => {
  answers.delete('/tenant/.well-known/openid-configuration')
  const check = oauthCheck(options({ keysUrl: `${urlOf(server)}/keys` }))
  await expect(check(await sign(key, claims()))).resolves.toBeDefined()
})

test('what is no token at all is refused', async () => {
  for (const text of ['', 'a', 'a.b.c', '..', 'e30.e30.e30'])
    await expect(oauthCheck(options())(text)).rejects.toThrow(TokenRejected)
})
