import type { AuthConfig } from '../../authentication/auth-config.ts'
import type { Identity } from '../../identity.ts'
import type { HttpContext } from '../context.ts'

/** Says which issuer's tokens the endpoint takes. Source: RFC 9728, section 3.2. */
export function resourceMetadata(
  { resource, oauth }: Extract<AuthConfig, { kind: 'oauth' }>,
  identity: Identity
): (ctx: HttpContext) => void {
  const body = JSON.stringify({
    resource,
    authorization_servers: [oauth.issuer],
    scopes_supported: ['quilt:read', 'quilt:write'],
    bearer_methods_supported: ['header'],
    resource_name: identity.title
  })
  return (ctx) => {
    ctx.type = 'application/json'
    ctx.set('Cache-Control', 'max-age=3600')
    ctx.body = body
  }
}
