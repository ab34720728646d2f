import type { TokenCheck, TokenVerifier, Verified } from './token-verifier.ts'

export interface RememberOptions {
  /** How long a token that was good is not checked again: the longest that a revoked token or key goes on to work. */
  readonly seconds: number
  /** Most tokens that are remembered; beyond them the oldest is forgotten. */
  readonly max: number
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/**
 * Remembers tokens that were good, so that a signature is not computed for every request. The end of a token is held
 * against the clock each time. Requests that bring one new token at the same time share one check; nothing is
 * remembered of a token that was refused.
 */
export function rememberTokens(
  check: TokenCheck,
  { seconds, max, now = Date.now }: RememberOptions
): TokenVerifier {
  const known = new Map<string, Verified>()
  const pending = new Map<string, Promise<Verified>>()

  const ask = async (token: string): Promise<Verified> => {
    try {
      const verified = await check(token)
      const [oldest] = known.keys()
      if (known.size >= max && oldest !== undefined) known.delete(oldest)
      known.set(token, { ...verified, expires: Math.min(verified.expires, now() + seconds * 1000) })
      return verified
    } finally {
      pending.delete(token)
    }
  }

  return async (token) => {
    const remembered = known.get(token)
    if (remembered !== undefined) {
      if (now() < remembered.expires) return remembered.principal
      known.delete(token)
    }
    let asked = pending.get(token)
    if (asked === undefined) {
      asked = ask(token)
      pending.set(token, asked)
    }
    return (await asked).principal
  }
}
