import { errors, jwtVerify, type JWTPayload } from 'jose'
import type { Principal, Scope } from '../principal.ts'
import { keySource, type KeySourceOptions } from './key-source.ts'
import { TokenRejected, type TokenCheck } from './token-verifier.ts'

export interface OAuthOptions extends KeySourceOptions {
  /** What the token's `aud` must name: this server and no other. */
  readonly audience: string
  /** How far the issuer's clock may be from ours. */
  readonly clockSkewSeconds: number
}

/** Signatures that need the issuer's private key. With a shared secret, or none, anybody who reads the public key could sign. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519'
]

const scopes: ReadonlyMap<string, Scope> = new Map([
  ['quilt:read', 'read'],
  ['quilt:write', 'write']
])

/**
 * Checks access tokens that an OAuth issuer signed, by its keys: issuer, audience, time and signature. The token stays
 * here: it was made out to this server, and passing it on would let it be used where it was not meant for. Sources:
 * RFC 9068, section 4; MCP, "Authorization", token handling.
 */
export function oauthCheck(options: OAuthOptions): TokenCheck {
  const keys = keySource(options)
  return async (token) => {
    const payload = await verified(async () => {
      const result = await jwtVerify(token, keys, {
        issuer: options.issuer,
        audience: options.audience,
        clockTolerance: options.clockSkewSeconds,
        requiredClaims: ['exp'],
        algorithms
      })
      return result.payload
    })
    // such a token is worth something only with a proof of the key, which a bearer does not bring (RFC 9449, section 7.2)
    if (payload['cnf'] !== undefined) throw new TokenRejected('The token is bound to a key')
    return {
      principal: principalOf(options.issuer, payload),
      expires: ((payload.exp ?? 0) + options.clockSkewSeconds) * 1000
    }
  }
}

async function verified(verify: () => Promise<JWTPayload>): Promise<JWTPayload> {
  try {
    return await verify()
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new TokenRejected('The token has expired', { cause: error })
    if (error instanceof errors.JWTClaimValidationFailed)
      throw new TokenRejected(claimProblem(error.claim), { cause: error })
    if (error instanceof errors.JOSEError) throw new TokenRejected('The token is not valid', { cause: error })
    throw error
  }
}

function claimProblem(claim: string): string {
  switch (claim) {
    case 'aud':
      return 'The token is not for this server'
    case 'iss':
      return 'The token is of another issuer'
    case 'nbf':
      return 'The token is not valid yet'
    default:
      return 'The token lacks a claim or has a wrong one'
  }
}

function principalOf(issuer: string, payload: JWTPayload): Principal {
  const subject = payload.sub ?? payload['client_id']
  if (typeof subject !== 'string' || subject === '') throw new TokenRejected('The token names no subject')
  return { id: `${issuer}#${subject}`, scopes: scopesOf(payload), token: undefined }
}

/** `scope` as OAuth has it, or `scp`, as some issuers write it. Writing needs reading, so it brings it. */
function scopesOf(payload: JWTPayload): ReadonlySet<Scope> {
  const claim = payload['scope'] ?? payload['scp']
  const names: readonly unknown[] =
    typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : []
  const granted = new Set<Scope>()
  for (const name of names) {
    const scope = typeof name === 'string' ? scopes.get(name) : undefined
    if (scope !== undefined) granted.add(scope)
  }
  if (granted.has('write')) granted.add('read')
  return granted
}
