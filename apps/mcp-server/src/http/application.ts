import Koa from 'koa'
import type { Identity } from '../identity.ts'
import type { Logger } from '../logger.ts'
import type { Method } from '../protocol/method.ts'
import type { Tool } from '../tools/tool.ts'
import type { HttpContext, HttpState } from './context.ts'
import { health, ready } from './health.ts'
import { hostCheck, originCheck } from './hosts.ts'
import type { Lifecycle } from './lifecycle.ts'
import { describeServer } from './landing.ts'
import { observe } from './observe.ts'
import { postMessage } from './post-message.ts'
import { Refusal } from './refusal.ts'

export interface ApplicationOptions {
  readonly identity: Identity
  readonly methods: ReadonlyMap<string, Method>
  readonly tools: readonly Tool[]
  readonly uptime: () => number
  readonly log: Logger
  readonly lifecycle: Lifecycle
  /** Aborted when the time to finish is over. */
  readonly signal: AbortSignal
  readonly allowedHosts: readonly string[] | undefined
  readonly allowedOrigins: readonly string[] | undefined
  readonly maxBodyBytes: number
  readonly maxJsonDepth: number
}

type Route = (ctx: HttpContext) => void | Promise<void>

/** The koa application: `/mcp`, `/health` and `/ready`, with Host and Origin checked and every request logged. */
export function createApplication(options: ApplicationOptions): Koa<HttpState> {
  const { identity, tools, lifecycle } = options
  const hostAllowed = hostCheck(options.allowedHosts)
  const originAllowed = originCheck(options.allowedOrigins)
  const describe = describeServer({ identity, tools })
  const routes: ReadonlyMap<string, ReadonlyMap<string, Route>> = new Map([
    ['/mcp', new Map<string, Route>([['POST', postMessage(options)], ...reading(describe)])],
    ['/health', new Map(reading(health(identity, options.uptime)))],
    ['/ready', new Map(reading(ready(lifecycle)))]
  ])

  const app = new Koa<HttpState>()
  app.use(observe(options.log, lifecycle))
  app.use((ctx) => {
    const { headers } = ctx.req
    if (!originAllowed(headers.origin)) throw new Refusal(403, 'This Origin is not allowed')
    const route = routes.get(ctx.path)
    // A load balancer probes with the address of the task as Host; these two say nothing that is secret.
    if (ctx.path !== '/health' && ctx.path !== '/ready' && !hostAllowed(headers.host))
      throw new Refusal(403, 'This Host is not allowed')
    if (route === undefined) throw new Refusal(404, 'Not found; the MCP endpoint is /mcp')
    const handle = route.get(ctx.method)
    if (handle === undefined)
      throw new Refusal(405, 'Method not allowed', { headers: { Allow: [...route.keys()].join(', ') } })
    return handle(ctx)
  })
  app.on('error', (error: unknown) => {
    options.log.warn({ err: error }, 'an answer could not be sent')
  })
  return app
}

function reading(route: Route): [string, Route][] {
  return [
    ['GET', route],
    ['HEAD', route]
  ]
}
