import { TokenRejected, VerifierUnavailable, type TokenCheck } from '../../authentication/token-verifier.ts'
import { ToolFailure } from '../../tools/tool-failure.ts'
import type { Stack } from './stack-backend.ts'
import { currentUser } from './stack-queries.ts'

/**
 * Asks a stack whose a token or API key is. Whoever has one may read and write here: what they may do to which bucket
 * the stack has written into the credentials that it gives them. The token names no end that is known here.
 */
export function stackCheck(stack: Stack): TokenCheck {
  return async (token) => {
    try {
      const user = await currentUser(stack.graphql, { token, signal: new AbortController().signal })
      if (user === undefined) throw new TokenRejected('The Quilt stack knows no user of this token')
      return {
        principal: {
          id: `${stack.catalogUrl}#${user.name}`,
          scopes: new Set(['read', 'write']),
          token
        },
        expires: Number.POSITIVE_INFINITY
      }
    } catch (error) {
      if (!(error instanceof ToolFailure)) throw error
      if (error.code === 'stack-token-rejected' || error.code === 'access-denied')
        throw new TokenRejected('The Quilt stack does not accept the token', { cause: error })
      throw new VerifierUnavailable('the Quilt stack cannot be asked about tokens', { cause: error })
    }
  }
}
