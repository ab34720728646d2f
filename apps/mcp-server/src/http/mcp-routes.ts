import type { HttpContext } from './context.ts'
import { describeServer, type Described } from './landing.ts'
import { postMessage, type PostMessageOptions } from './post-message.ts'

type Handler = (ctx: HttpContext) => void | Promise<void>

/** What /mcp answers, by HTTP method. GET and DELETE belong to sessions where there are some. */
export function mcpRoutes(options: PostMessageOptions & Described): ReadonlyMap<string, Handler> {
  const { sessions } = options
  const describe = describeServer(options)
  const routes = new Map<string, Handler>([
    ['POST', postMessage(options)],
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
