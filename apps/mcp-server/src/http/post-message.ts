import type { Logger } from '../logger.ts'
import { answerDirectly, refuse, type Reply } from '../protocol/direct.ts'
import type { CallContext, Method } from '../protocol/method.ts'
import { parseBody } from '../protocol/parse.ts'
import { ProtocolError } from '../protocol/protocol-error.ts'
import type { Revision } from '../protocol/revisions.ts'
import { readBody } from './body.ts'
import type { HttpContext } from './context.ts'
import { checkMediaTypes, requestRevision } from './negotiation.ts'

export interface PostMessageOptions {
  readonly methods: ReadonlyMap<string, Method>
  readonly log: Logger
  readonly signal: AbortSignal
  readonly maxBodyBytes: number
  readonly maxJsonDepth: number
}

/** POST /mcp: one message in, one JSON answer out, no session. Sessions end with the answer, so no header names one. */
export function postMessage(options: PostMessageOptions): (ctx: HttpContext) => Promise<void> {
  return async (ctx) => {
    const { req } = ctx
    checkMediaTypes(req.headers)
    const revision = requestRevision(req.headers)
    const body = await readBody(req, options.maxBodyBytes)
    const reply = await answer(options, body, revision, ctx.state.requestId)
    const { method, tool, outcome } = reply
    ctx.state.call = { method, outcome, ...(tool === undefined ? {} : { tool }) }
    if (reply.body === undefined) {
      // An explicit null first: koa writes the status as text otherwise.
      ctx.body = null
      ctx.status = reply.status
    } else {
      ctx.status = reply.status
      ctx.res.setHeader('Content-Type', 'application/json')
      ctx.body = reply.body
    }
  }
}

async function answer(
  options: PostMessageOptions,
  body: Buffer,
  revision: Revision,
  requestId: string
): Promise<Reply> {
  try {
    const value = parseBody(body, options.maxJsonDepth)
    return await answerDirectly(options.methods, value, revision, callContext(options, requestId))
  } catch (error) {
    if (error instanceof ProtocolError) return refuse(error)
    throw error
  }
}

/** The log of a call names its request; it is made only where something is logged. */
function callContext({ log, signal }: PostMessageOptions, requestId: string): CallContext {
  let bound: Logger | undefined
  return {
    signal,
    get log() {
      return (bound ??= log.child({ requestId }))
    }
  }
}
