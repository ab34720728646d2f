import type { Principal } from '../principal.ts'

/** Who a bearer token stands for. Throws TokenRejected for a token that is not valid here, and VerifierUnavailable where nobody can say so now. */
export type TokenVerifier = (token: string) => Promise<Principal>

/** A principal, and until when the token proves it. */
export interface Verified {
  readonly principal: Principal
  /** Milliseconds since 1970; Infinity where the issuer names no end. */
  readonly expires: number
}

/** Asks the issuer of tokens, or its keys, about one token; throws as a TokenVerifier does. */
export type TokenCheck = (token: string) => Promise<Verified>

/** The token is not valid here. The message goes to the client as it is and holds nothing of the token. */
export class TokenRejected extends Error {
  override readonly name = 'TokenRejected'
}

/** Whoever could judge the token does not answer. The cause is for the log; the token may be good. */
export class VerifierUnavailable extends Error {
  override readonly name = 'VerifierUnavailable'
}
