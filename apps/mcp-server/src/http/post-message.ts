import type { Logger } from '../logger.ts'
import { answerDirectly, refuse } from '../protocol/direct.ts'
import type { Method } from '../protocol/method.ts'
import { claimsModern } from '../protocol/modern/claims.ts'
import { parseBody } from '../protocol/parse.ts'
import { ProtocolError } from '../protocol/protocol-error.ts'
import type { RequireScope } from './authentication/require-scope.ts'
import { readBody } from './body.ts'
import type { HttpRequest } from './context.ts'
import { Exchange } from './exchange.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { OpenStreams } from './limits/open-streams.ts'
import type { ModernDoor } from './modern-door.ts'
import { checkMediaTypes, requestRevision } from './negotiation.ts'
import type { Sessions } from './sessions/sessions.ts'

export interface PostMessageOptions {
  readonly methods: ReadonlyMap<string, Method>
  readonly log: Logger
  readonly lifecycle: Lifecycle
  readonly maxBodyBytes: number
  readonly maxJsonDepth: number
  readonly streamSeconds: number
  /** Undefined where nobody says who they are. */
  readonly requireScope: RequireScope | undefined
  /** The streams that last. */
  readonly streams: OpenStreams
  /** Undefined: every message is answered by itself. */
  readonly sessions: Sessions | undefined
}

/** POST /mcp: one message in, and the answer of the door that it belongs to. */
export function postMessage(options: PostMessageOptions): (request: HttpRequest) => Promise<void> {
  const { methods, sessions } = options
  let modern: Promise<ModernDoor> | undefined
  return async (request) => {
    const { req } = request
    checkMediaTypes(req.headers)
    const body = await readBody(req, options.maxBodyBytes)
    const exchange = new Exchange(request, options)
    try {
      const value = parseBody(body, options.maxJsonDepth)
      options.requireScope?.(value, exchange.principal)
      if (claimsModern(req.headers, value)) {
        modern ??= openModern(options)
        if (await (await modern).answer(request, exchange, value)) return
      }
      const revision = requestRevision(req.headers)
      if (sessions !== undefined && (await sessions.post(request, exchange, value))) return
      exchange.finish(await answerDirectly(methods, value, revision, exchange.contextOf))
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      exchange.finish(refuse(error))
    }
  }
}

/** Loaded for the first client that asks for it: its SDK is a third of what a start would load. */
async function openModern(options: PostMessageOptions): Promise<ModernDoor> {
  const { ModernDoor } = await import('./modern-door.ts')
  return ModernDoor.open(options)
}
