import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider, { errors, type Configuration, type JWKS } from 'oidc-provider'
import { z } from 'zod'

/**
 * A program: an OpenID provider on a port of loopback, which logs everybody in as alice and consents by itself.
 * Prints `{"issuer": …}` when it listens. A process of its own, so that a test can take it down.
 */
const environment = z
  .object({
    OIDC_PORT: z.coerce.number(),
    /** The private keys it signs with, as a JSON Web Key Set. */
    OIDC_KEYS: z.string(),
    /** The resources that tokens can be asked for, separated by blanks. */
    OIDC_RESOURCES: z.string()
  })
  .parse(process.env)

const keys: JWKS = z
  .object({ keys: z.array(z.looseObject({ kty: z.string() })) })
  .parse(JSON.parse(environment.OIDC_KEYS)) as JWKS
const resources = environment.OIDC_RESOURCES.split(' ')
const scope = 'quilt:read quilt:write'

const configuration: Configuration = {
  jwks: keys,
  clients: [
    {
      client_id: 'machine',
      client_secret: 'not-a-secret-of-anybody',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      scope
    }
  ],
  scopes: ['openid', 'offline_access', 'quilt:read', 'quilt:write'],
  findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  cookies: { keys: ['for tests'] },
  pkce: { required: () => true },
  ttl: {
    AccessToken: 600,
    ClientCredentials: 600,
    AuthorizationCode: 60,
    Grant: 600,
    Session: 600,
    Interaction: 600
  },
  features: {
    devInteractions: { enabled: false },
    registration: { enabled: true },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo: (_, resource) => {
        if (!resources.includes(resource)) throw new errors.InvalidTarget()
        return { scope, audience: resource, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } }
      }
    }
  }
}

const server = createServer()
server.listen(environment.OIDC_PORT, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  const issuer = `http://127.0.0.1:${String(port)}`
  const provider = new Provider(issuer, configuration)
  const answer = provider.callback()
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith('/interaction/') === true) void interact(provider, request, response)
    else void answer(request, response)
  })
  process.stdout.write(`${JSON.stringify({ issuer })}\n`)
})

/** What a person would do: log in, then agree to all that the client asks for. */
async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse
): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response)
  if (prompt.name === 'login') {
    await provider.interactionFinished(request, response, { login: { accountId: 'alice' } })
    return
  }
  const grant = new provider.Grant({
    accountId: session?.accountId ?? 'alice',
    clientId: String(params['client_id'])
  })
  const scope = typeof params['scope'] === 'string' ? params['scope'] : ''
  grant.addOIDCScope(scope)
  for (const resource of resources) grant.addResourceScope(resource, scope)
  await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } })
}
