import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose'
import { z } from 'zod'

export interface SigningKey {
  readonly id: string
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
  readonly privateJwk: JWK
}

export async function signingKey(id: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  const privateJwk = { ...(await exportJWK(privateKey)), kid: id, alg: 'RS256', use: 'sig' }
  return { id, privateKey, publicKey, privateJwk }
}

export interface OidcProvider extends AsyncDisposable {
  readonly issuer: string
  readonly port: number
  stop(): Promise<void>
}

/** Starts the provider of oidc-provider.ts as a process of its own. */
export async function startOidcProvider(
  keys: readonly SigningKey[],
  resources: readonly string[],
  port = 0
): Promise<OidcProvider> {
  const child = spawn(process.execPath, ['--no-warnings', resolve(import.meta.dirname, 'oidc-provider.ts')], {
    env: {
      OIDC_PORT: String(port),
      OIDC_KEYS: JSON.stringify({ keys: keys.map(({ privateJwk }) => privateJwk) }),
      OIDC_RESOURCES: resources.join(' ')
    },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const exited = once(child, 'exit')
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')))
  const line = await Promise.race([
    once(child.stdout, 'data').then(([chunk]) => String(chunk)),
    exited.then(() => {
      throw new Error(`the provider ended before it listened: ${errors}`)
    })
  ])
  const { issuer } = z.object({ issuer: z.string() }).parse(JSON.parse(line))
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
  }
  return { issuer, port: Number(new URL(issuer).port), stop, [Symbol.asyncDispose]: stop }
}

/** A token signed with a key, good for a minute but for what the claims say, and without those left out. */
export function sign(key: SigningKey, claims: JWTPayload, leftOut: readonly string[] = []): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const all = { sub: 'alice', scope: 'quilt:read', iat: now, exp: now + 60, ...claims }
  return new SignJWT(Object.fromEntries(Object.entries(all).filter(([name]) => !leftOut.includes(name))))
    .setProtectedHeader({ alg: 'RS256', kid: key.id, typ: 'at+jwt' })
    .sign(key.privateKey)
}

/** A key as an issuer publishes it. */
export async function publicJwk({ id, publicKey }: SigningKey): Promise<object> {
  return { ...(await exportJWK(publicKey)), kid: id, alg: 'RS256', use: 'sig' }
}
