import type { AuthConfig } from '../../authentication/auth-config.ts'
import { Refusal } from '../refusal.ts'

/** The path of the metadata, with that of the endpoint appended. Source: RFC 9728, section 3.1. */
export const metadataPath = '/.well-known/oauth-protected-resource/mcp'

/** The refusals that tell a client how to come back. Sources: RFC 6750, section 3; RFC 9728, section 5.1; MCP, "Authorization". */
export interface Challenges {
  /** 401: no token. */
  missing(): Refusal
  /** 401: a token that is not valid. The description goes to the client. */
  invalid(description: string): Refusal
  /** 403: a good token that allows too little. */
  insufficient(scope: 'read' | 'write'): Refusal
}

export function challenges(auth: AuthConfig): Challenges {
  const metadata =
    auth.kind === 'oauth' ? { resource_metadata: new URL(metadataPath, auth.resource).href } : {}
  const challenge = (parameters: Readonly<Record<string, string>>): Readonly<Record<string, string>> => ({
    'WWW-Authenticate': `Bearer ${Object.entries({ ...parameters, ...metadata })
      .map(([name, value]) => `${name}="${value}"`)
      .join(', ')}`
  })
  return {
    missing: () =>
      new Refusal(401, 'A bearer token is needed', {
        headers: challenge({ scope: 'quilt:read' }),
        reason: 'no-token'
      }),
    invalid: (description) =>
      new Refusal(401, description, {
        headers: challenge({
          error: 'invalid_token',
          error_description: description,
          scope: 'quilt:read'
        }),
        reason: 'invalid-token'
      }),
    insufficient: (scope) =>
      new Refusal(403, `The token lacks the scope quilt:${scope}`, {
        headers: challenge({
          error: 'insufficient_scope',
          // all that the next token needs, since it replaces this one
          scope: scope === 'read' ? 'quilt:read' : 'quilt:read quilt:write'
        }),
        reason: 'insufficient-scope'
      })
  }
}
