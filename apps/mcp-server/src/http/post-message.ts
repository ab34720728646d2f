import type { Logger } from '../logger.ts'
import { localPrincipal, type Principal } from '../principal.ts'
import { answerDirectly, refuse, type Reply } from '../protocol/direct.ts'
import type { CallContext, Method } from '../protocol/method.ts'
import { parseBody } from '../protocol/parse.ts'
import { ProtocolError } from '../protocol/protocol-error.ts'
import type { Revision } from '../protocol/revisions.ts'
import type { ToolFilter } from '../tools/filter.ts'
import { readBody } from './body.ts'
import type { HttpContext, HttpState } from './context.ts'
import type { Lifecycle } from './lifecycle.ts'
import { checkMediaTypes, requestRevision } from './negotiation.ts'

export interface PostMessageOptions {
  readonly methods: ReadonlyMap<string, Method>
  readonly log: Logger
  readonly lifecycle: Lifecycle
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
    const reply = await answer(options, body, revision, ctx.state)
    ctx.state.call = reply.record
    // Node then answers with Connection: close.
    if (options.lifecycle.draining) ctx.res.shouldKeepAlive = false
    send(ctx, reply)
  }
}

/** Sends the reply past koa: nothing that koa does for a body is left to do, and it would take longer than the call. */
function send(ctx: HttpContext, { status, body }: Reply): void {
  const { res } = ctx
  ctx.respond = false
  if (body === undefined) {
    res.writeHead(status, ['X-Request-Id', ctx.state.requestId]).end()
    return
  }
  res.writeHead(status, [
    'Content-Type',
    'application/json',
    'Content-Length',
    String(Buffer.byteLength(body)),
    'X-Request-Id',
    ctx.state.requestId
  ])
  res.end(body)
}

async function answer(
  options: PostMessageOptions,
  body: Buffer,
  revision: Revision,
  state: HttpState
): Promise<Reply> {
  try {
    const value = parseBody(body, options.maxJsonDepth)
    return await answerDirectly(options.methods, value, revision, new RequestContext(options, state))
  } catch (error) {
    if (error instanceof ProtocolError) return refuse(error)
    throw error
  }
}

/** The log of a call names its request; it is made only where something is logged. */
class RequestContext implements CallContext {
  readonly signal: AbortSignal
  readonly principal: Principal
  readonly filter: ToolFilter | undefined
  readonly #log: Logger
  readonly #requestId: string
  #bound: Logger | undefined

  constructor({ log, signal }: PostMessageOptions, { requestId, principal, filter }: HttpState) {
    this.signal = signal
    this.principal = principal ?? localPrincipal
    this.filter = filter
    this.#log = log
    this.#requestId = requestId
  }

  get log(): Logger {
    return (this.#bound ??= this.#log.child({ requestId: this.#requestId }))
  }

  progress(): void {
    return
  }

  notify(): void {
    return
  }
}
