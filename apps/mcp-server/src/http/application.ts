import Koa from 'koa'
import type { AuthConfig } from '../authentication/auth-config.ts'
import type { Identity } from '../identity.ts'
import type { Logger } from '../logger.ts'
import type { Method } from '../protocol/method.ts'
import type { Tool } from '../tools/tool.ts'
import { answerHeaders } from './answer-headers.ts'
import type { Authenticate } from './authentication/authenticate.ts'
import { challenges, metadataPath } from './authentication/challenge.ts'
import { requireScope } from './authentication/require-scope.ts'
import { resourceMetadata } from './authentication/resource-metadata.ts'
import type { HttpContext, HttpState } from './context.ts'
import { health, ready } from './health.ts'
import { hostCheck, originCheck } from './hosts.ts'
import type { HttpMetrics } from './http-metrics.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Admission } from './limits/admission.ts'
import { mcpRoutes } from './mcp-routes.ts'
import { isProbe, observe } from './observe.ts'
import { Refusal } from './refusal.ts'
import type { Sessions } from './sessions/sessions.ts'
import { toolFilter } from './tool-filter.ts'

export interface ApplicationOptions {
  readonly identity: Identity
  readonly methods: ReadonlyMap<string, Method>
  readonly tools: readonly Tool[]
  readonly uptime: () => number
  readonly log: Logger
  readonly lifecycle: Lifecycle
  readonly metrics: HttpMetrics
  readonly admission: Admission
  readonly auth: AuthConfig
  readonly authenticate: Authenticate
  readonly allowedHosts: readonly string[] | undefined
  readonly allowedOrigins: readonly string[] | undefined
  readonly maxBodyBytes: number
  readonly maxJsonDepth: number
  readonly streamSeconds: number
  /** Undefined: every message is answered by itself. */
  readonly sessions: Sessions | undefined
}

type Route = (ctx: HttpContext) => void | Promise<void>

/** The koa application: every request observed, admitted, its Host and Origin checked, and for `/mcp` its sender known. */
export function createApplication(options: ApplicationOptions): Koa<HttpState> {
  const { admission, auth, authenticate } = options
  const hostAllowed = hostCheck(options.allowedHosts)
  const originAllowed = originCheck(options.allowedOrigins)
  const headers = answerHeaders({
    allowedOrigins: options.allowedOrigins,
    httpsOnly: auth.kind === 'oauth' && auth.resource.startsWith('https:')
  })
  const routes = routesOf(options)

  const app = new Koa<HttpState>()
  app.use(observe({ ...options, headers }))
  app.use((ctx) => {
    const { req, path } = ctx
    const { origin, host } = req.headers
    if (!isProbe(path)) admission.admit(req, ctx.state.inFlight.started)
    if (!originAllowed(origin)) throw new Refusal(403, 'This Origin is not allowed', { reason: 'origin' })
    // A load balancer probes with the address of the task as Host; these two say nothing that is secret.
    if (!isProbe(path) && !hostAllowed(host))
      throw new Refusal(403, 'This Host is not allowed', { reason: 'host' })
    const route = routes.get(path)
    if (route === undefined) throw new Refusal(404, 'Not found; the MCP endpoint is /mcp')
    const handle = route.get(ctx.method)
    if (handle === undefined) return preflight(ctx, headers.preflight(origin), [...route.keys()])
    return path === '/mcp' ? asPrincipal(ctx, handle) : handle(ctx)
  })
  app.on('error', (error: unknown) => {
    options.log.warn({ err: error }, 'an answer could not be sent')
  })
  return app

  function asPrincipal(ctx: HttpContext, handle: Route): void | Promise<void> {
    const found = authenticate(ctx.req)
    if (found instanceof Promise) return found.then((principal) => handleAs(principal))
    return handleAs(found)

    function handleAs(principal: Awaited<typeof found>): void | Promise<void> {
      ctx.state.principal = principal
      const filter = toolFilter(ctx.req.headers)
      if (filter !== undefined) ctx.state.filter = filter
      admission.admitPrincipal(principal, ctx.state.inFlight.started)
      return handle(ctx)
    }
  }
}

function routesOf(options: ApplicationOptions): ReadonlyMap<string, ReadonlyMap<string, Route>> {
  const { auth, identity, lifecycle } = options
  const scopes = auth.kind === 'none' ? undefined : requireScope(options.tools, challenges(auth))
  const routes = new Map<string, ReadonlyMap<string, Route>>([
    ['/mcp', mcpRoutes({ ...options, requireScope: scopes })],
    ['/health', new Map(reading(health(identity, options.uptime)))],
    ['/ready', new Map(reading(ready(lifecycle)))]
  ])
  if (auth.kind === 'oauth') {
    const metadata = new Map(reading(resourceMetadata(auth, identity)))
    // with the path of the endpoint and, for clients that do not add it, without
    routes.set(metadataPath, metadata)
    routes.set('/.well-known/oauth-protected-resource', metadata)
  }
  return routes
}

/** Answers a method that a path does not have: 405, but for a browser that asks whether a page may call. */
function preflight(
  ctx: HttpContext,
  allowed: readonly string[] | undefined,
  methods: readonly string[]
): void {
  if (
    ctx.method !== 'OPTIONS' ||
    allowed === undefined ||
    ctx.req.headers['access-control-request-method'] === undefined
  )
    throw new Refusal(405, 'Method not allowed', { headers: { Allow: methods.join(', ') } })
  ctx.status = 204
  ctx.state.headers = [...ctx.state.headers, ...allowed]
}

function reading(route: Route): [string, Route][] {
  return [
    ['GET', route],
    ['HEAD', route]
  ]
}
