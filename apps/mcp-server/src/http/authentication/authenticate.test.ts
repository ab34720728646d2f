import { expect, test } from '@jest/globals'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { memoryLog } from '../../../test/server.ts'
import {
  TokenRejected,
  VerifierUnavailable,
  type TokenVerifier
} from '../../authentication/token-verifier.ts'
import { localPrincipal, type Principal } from '../../principal.ts'
import { anonymousPrincipal, authenticator } from './authenticate.ts'

const reader: Principal = { id: 'reader', scopes: new Set(['read']), token: 'good' }

function request(authorization?: string): IncomingMessage {
  const message = new IncomingMessage(new Socket())
  if (authorization !== undefined) message.headers.authorization = authorization
  return message
}

function authenticate(verifier: TokenVerifier | undefined, host = '127.0.0.1') {
  return authenticator({
    auth: { kind: verifier === undefined ? 'none' : 'stack' },
    verifier,
    host,
    proxyHops: 0,
    allowedHosts: undefined,
    log: memoryLog().log
  })
}

test('without authentication a caller is local on loopback, and may only look beyond it', () => {
  expect(authenticate(undefined)(request())).toBe(localPrincipal)
  expect(authenticate(undefined, '0.0.0.0')(request('Bearer x'))).toBe(anonymousPrincipal)
  expect([...anonymousPrincipal.scopes]).toEqual(['read'])
})

test('a bearer token is handed to the verifier as it is', async () => {
  const seen: string[] = []
  const found = await authenticate((token) => {
    seen.push(token)
    return Promise.resolve(reader)
  })(request('bearer qk_a-b.c~d+e/f=='))
  expect([found, seen]).toEqual([reader, ['qk_a-b.c~d+e/f==']])
})

test.each([
  ['no header', undefined, 401, 'Bearer scope="quilt:read"'],
  ['another scheme', 'Basic YTpi', 401, 'error="invalid_token"'],
  ['a token that is refused', 'Bearer bad', 401, 'error_description="It is bad"'],
  ['a token that may nothing', 'Bearer none', 403, 'error="insufficient_scope", scope="quilt:read"']
])('%s', async (_, authorization, status, challenge) => {
  const verifier: TokenVerifier = (token) =>
    token === 'bad'
      ? Promise.reject(new TokenRejected('It is bad'))
      : Promise.resolve({ ...reader, scopes: new Set() })
  await expect(authenticate(verifier)(request(authorization))).rejects.toMatchObject({
    status,
    headers: { 'WWW-Authenticate': expect.stringContaining(challenge) }
  })
})

test('where nobody can judge the token the client may come back, and a fault of ours stays one', async () => {
  await expect(
    authenticate(() => Promise.reject(new VerifierUnavailable('down')))(request('Bearer x'))
  ).rejects.toMatchObject({ status: 503, headers: { 'Retry-After': '5' } })
  await expect(authenticate(() => Promise.reject(new TypeError('bug')))(request('Bearer x'))).rejects.toThrow(
    TypeError
  )
})
