import { CodedError } from '@fast-mcp/errors'
import type { AuthConfig } from './auth-config.ts'
import { rememberTokens } from './remember-tokens.ts'
import type { TokenCheck, TokenVerifier } from './token-verifier.ts'

/** The longest that a revoked token, a revoked key or a removed right goes on to work. */
const rememberedSeconds = 60
const rememberedTokens = 1000

/** What judges the tokens of callers; undefined where they bring none. Throws CodedError `invalid-environment` for AUTH=stack without a stack. */
export async function createVerifier(
  auth: AuthConfig,
  stackCheck: TokenCheck | undefined
): Promise<TokenVerifier | undefined> {
  const check = await checkOf(auth, stackCheck)
  return check && rememberTokens(check, { seconds: rememberedSeconds, max: rememberedTokens })
}

async function checkOf(
  auth: AuthConfig,
  stackCheck: TokenCheck | undefined
): Promise<TokenCheck | undefined> {
  switch (auth.kind) {
    case 'none':
      return undefined
    case 'oauth': {
      const { oauthCheck } = await import('./oauth.ts')
      return oauthCheck(auth.oauth)
    }
    case 'stack':
      if (stackCheck === undefined)
        throw new CodedError('invalid-environment', 'AUTH is "stack", and no Quilt stack is configured', {
          remedy: 'Configure the stack, or set AUTH to oauth or none; --help says how.'
        })
      return stackCheck
  }
}
