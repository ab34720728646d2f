import Koa from 'koa'
import type { RequestListener } from 'node:http'
import type { AuthConfig } from '../authentication/auth-config.ts'
import type { Identity } from '../identity.ts'
import type { Logger } from '../logger.ts'
import type { Principal } from '../principal.ts'
import type { Method } from '../protocol/method.ts'
import type { Tool } from '../tools/tool.ts'
import { answerHeaders } from './answer-headers.ts'
import type { Authenticate } from './authentication/authenticate.ts'
import { challenges, metadataPath } from './authentication/challenge.ts'
import { requireScope } from './authentication/require-scope.ts'
import { resourceMetadata } from './authentication/resource-metadata.ts'
import type { HttpContext, HttpRequest, HttpState } from './context.ts'
import { health, ready } from './health.ts'
import { hostCheck, originCheck } from './hosts.ts'
import type { HttpMetrics } from './http-metrics.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Admission } from './limits/admission.ts'
import { queueLimit } from './limits/queue-limit.ts'
import type { OpenStreams } from './limits/open-streams.ts'
import { mcpRoutes, type McpRoutesOptions } from './mcp-routes.ts'
import { isProbe, observer } from './observe.ts'
import { postMessage } from './post-message.ts'
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
  readonly streams: OpenStreams
  /** Undefined: every message is answered by itself. */
  readonly sessions: Sessions | undefined
}

type Route = (ctx: HttpContext) => void | Promise<void>

/**
 * Answers every request: observed, admitted, its Host and Origin checked, and for `/mcp` its sender known. koa routes
 * and answers them; a message that is posted goes past it, through the same checks, since koa would take longer than
 * many a call.
 */
export function createApplication(options: ApplicationOptions): RequestListener {
  const { admission, auth, authenticate, log } = options
  const limitQueue = queueLimit()
  const hostAllowed = hostCheck(options.allowedHosts)
  const originAllowed = originCheck(options.allowedOrigins)
  const headers = answerHeaders({
    allowedOrigins: options.allowedOrigins,
    httpsOnly: auth.kind === 'oauth' && auth.resource.startsWith('https:')
  })
  const { begin, observe } = observer({ ...options, headers })
  const post = postMessage({
    ...options,
    requireScope: auth.kind === 'none' ? undefined : requireScope(options.tools, challenges(auth))
  })
  const routes = routesOf(options, post)

  const app = new Koa<HttpState>()
  app.use((ctx, next) => {
    ctx.state = begin(ctx.req, ctx.res)
    return observe(ctx, next)
  })
  app.use((ctx) => {
    const { path } = ctx
    admit(ctx)
    const route = routes.get(path)
    if (route === undefined) throw new Refusal(404, 'Not found; the MCP endpoint is /mcp')
    const handle = route.get(ctx.method)
    if (handle === undefined)
      return preflight(ctx, headers.preflight(ctx.req.headers.origin), [...route.keys()])
    return path === '/mcp' ? asPrincipal(ctx, handle) : handle(ctx)
  })
  app.on('error', unsent)
  const throughKoa = app.callback()

  return (req, res) => {
    if (req.method === 'POST' && req.url === '/mcp') {
      res.on('error', unsent)
      const request: HttpRequest = { req, res, path: '/mcp', state: begin(req, res) }
      void observe(request, () => {
        admit(request)
        return asPrincipal(request, post)
      })
    } else void throughKoa(req, res)
  }

  function unsent(error: unknown): void {
    log.warn({ err: error }, 'an answer could not be sent')
  }

  /** Throws Refusal for a request that gets no further, whatever it asks for. */
  function admit({ req, res, path, state }: HttpRequest): void {
    limitQueue(req, res)
    const { origin, host } = req.headers
    const probe = isProbe(path)
    if (!probe) admission.admit(req, state.inFlight.started)
    if (!originAllowed(origin)) throw new Refusal(403, 'This Origin is not allowed', { reason: 'origin' })
    // A load balancer probes with the address of the task as Host; these two say nothing that is secret.
    if (!probe && !hostAllowed(host)) throw new Refusal(403, 'This Host is not allowed', { reason: 'host' })
  }

  function asPrincipal<T extends HttpRequest>(
    request: T,
    handle: (request: T) => void | Promise<void>
  ): void | Promise<void> {
    const found = authenticate(request.req)
    return found instanceof Promise ? found.then(handleAs) : handleAs(found)

    function handleAs(principal: Principal): void | Promise<void> {
      const { state } = request
      state.principal = principal
      state.filter = toolFilter(request.req.headers)
      admission.admitPrincipal(principal, state.inFlight.started)
      return handle(request)
    }
  }
}

function routesOf(
  options: ApplicationOptions,
  post: McpRoutesOptions['post']
): ReadonlyMap<string, ReadonlyMap<string, Route>> {
  const { auth, identity, lifecycle } = options
  const routes = new Map<string, ReadonlyMap<string, Route>>([
    ['/mcp', mcpRoutes({ ...options, post })],
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
