import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import { safeUrl } from './safe-url.ts'
import { VerifierUnavailable } from './token-verifier.ts'

export interface KeySourceOptions {
  readonly issuer: string
  /** Where the keys are; undefined: where the issuer's metadata says. */
  readonly keysUrl: string | undefined
  /** How long keys are used without being fetched again, and so the longest that the issuer may be down unnoticed. */
  readonly keysSeconds: number
  /** How soon after a fetch an unknown key may cause the next one: what rotation costs, and what a flood of made-up keys costs the issuer. */
  readonly rotationSeconds: number
}

const timeoutMilliseconds = 5000
const metadata = z.object({ issuer: z.string(), jwks_uri: safeUrl })

/**
 * The public keys of an issuer, fetched when they are first needed, again when they are old, and again when a token
 * names one that is not among them. Throws VerifierUnavailable where the issuer does not answer or answers nonsense.
 */
export function keySource(options: KeySourceOptions): JWTVerifyGetKey {
  let keys: Promise<JWTVerifyGetKey> | undefined
  return async (header, token) => {
    keys ??= open(options)
    try {
      return await (
        await keys
      )(header, token)
    } catch (error) {
      if (isAboutTheToken(error)) throw error
      // metadata that could not be read is read again the next time
      if (error instanceof VerifierUnavailable) keys = undefined
      throw new VerifierUnavailable('the keys of the issuer cannot be read', { cause: error })
    }
  }
}

function isAboutTheToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  )
}

async function open(options: KeySourceOptions): Promise<JWTVerifyGetKey> {
  return createRemoteJWKSet(new URL(options.keysUrl ?? (await discover(options.issuer))), {
    timeoutDuration: timeoutMilliseconds,
    cacheMaxAge: options.keysSeconds * 1000,
    cooldownDuration: options.rotationSeconds * 1000
  })
}

/** Where an issuer's metadata says its keys are. Sources: RFC 8414, section 3; OpenID Connect Discovery, section 4. */
async function discover(issuer: string): Promise<string> {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const problems: string[] = []
  for (const url of [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    `${origin}${path}/.well-known/openid-configuration`
  ]) {
    try {
      const response = await fetch(url, {
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMilliseconds)
      })
      if (!response.ok) {
        await response.body?.cancel()
        problems.push(`${url} answered ${String(response.status)}`)
        continue
      }
      const found = metadata.parse(await response.json())
      if (found.issuer === issuer) return found.jwks_uri
      problems.push(`${url} is of another issuer`)
    } catch (error) {
      problems.push(`${url}: ${String(error)}`)
    }
  }
  throw new VerifierUnavailable(`no metadata of ${issuer}: ${problems.join('; ')}`)
}
