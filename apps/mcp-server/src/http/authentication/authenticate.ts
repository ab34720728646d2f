import type { IncomingMessage } from 'node:http'
import type { AuthConfig } from '../../authentication/auth-config.ts'
import {
  TokenRejected,
  VerifierUnavailable,
  type TokenVerifier
} from '../../authentication/token-verifier.ts'
import { isLocal, type Exposure } from '../../exposure.ts'
import type { Logger } from '../../logger.ts'
import { localPrincipal, type Principal } from '../../principal.ts'
import { Refusal } from '../refusal.ts'
import { challenges } from './challenge.ts'

/** Who sends a request. Throws Refusal 401, 403, or 503 where nobody can say now. */
export type Authenticate = (request: IncomingMessage) => Principal | Promise<Principal>

export interface AuthenticateOptions extends Exposure {
  readonly auth: AuthConfig
  /** Undefined only where there is no authentication. */
  readonly verifier: TokenVerifier | undefined
  readonly log: Logger
}

/** Anybody who reaches a server without authentication: beyond loopback they may look and not change. */
export const anonymousPrincipal: Principal = { id: 'anonymous', scopes: new Set(['read']), token: undefined }

const bearer = /^Bearer +([\w.~+/-]+=*) *$/i

export function authenticator(options: AuthenticateOptions): Authenticate {
  const { auth, verifier, log } = options
  if (verifier === undefined) {
    const principal = isLocal(options) ? localPrincipal : anonymousPrincipal
    return () => principal
  }
  const { missing, invalid, insufficient } = challenges(auth)
  return async (request) => {
    const { authorization } = request.headers
    if (authorization === undefined) throw missing()
    const token = bearer.exec(authorization)?.[1]
    if (token === undefined) throw invalid('Authorization must be Bearer and a token')
    const principal = await verify(verifier, token, invalid, log)
    if (!principal.scopes.has('read')) throw insufficient('read')
    return principal
  }
}

async function verify(
  verifier: TokenVerifier,
  token: string,
  invalid: (description: string) => Refusal,
  log: Logger
): Promise<Principal> {
  try {
    return await verifier(token)
  } catch (error) {
    if (error instanceof TokenRejected) throw invalid(error.message)
    if (!(error instanceof VerifierUnavailable)) throw error
    log.warn({ err: error }, 'tokens cannot be verified')
    throw new Refusal(503, 'Tokens cannot be verified now', {
      headers: { 'Retry-After': '5' },
      reason: 'verifier-unavailable'
    })
  }
}
