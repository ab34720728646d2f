import type { HttpContext, HttpRequest } from './context.ts'
import { describeServer, type Described } from './landing.ts'
import type { Sessions } from './sessions/sessions.ts'

type Handler = (ctx: HttpContext) => void | Promise<void>

export interface McpRoutesOptions extends Described {
  /** Undefined: every message is answered by itself. */
  readonly sessions: Sessions | undefined
  readonly post: (request: HttpRequest) => Promise<void>
}

/** What /mcp answers, by HTTP method. GET and DELETE belong to sessions where there are some. */
export function mcpRoutes(options: McpRoutesOptions): ReadonlyMap<string, Handler> {
  const { sessions, post } = options
  const describe = describeServer(options)
  const routes = new Map<string, Handler>([
    ['POST', post],
    ['GET', describe],
    ['HEAD', describe]
  ])
  if (sessions !== undefined) {
    const isOfSession = ({ req }: HttpContext): boolean => req.headers['mcp-session-id'] !== undefined
    routes.set('GET', (ctx) => (isOfSession(ctx) ? sessions.handle(ctx) : describe(ctx)))
    routes.set('DELETE', (ctx) => sessions.handle(ctx))
  }
  return routes
}
