import type { Middleware } from 'koa'
import type { Logger } from '../logger.ts'
import { errorCodes } from '../protocol/protocol-error.ts'
import type { HttpContext, HttpState } from './context.ts'
import type { Lifecycle } from './lifecycle.ts'
import { Refusal } from './refusal.ts'
import { requestIds } from './request-id.ts'

/** Gives every request an id, counts it as in flight until its answer is gone, answers what was thrown, and writes one log line. */
export function observe(log: Logger, lifecycle: Lifecycle): Middleware<HttpState> {
  const nextId = requestIds()
  return async (ctx, next) => {
    const started = performance.now()
    const requestId = nextId(ctx.req.headers['x-request-id'])
    ctx.state.requestId = requestId
    lifecycle.begin()
    ctx.res.once('close', lifecycle.end)
    try {
      await next()
    } catch (error) {
      answerError(ctx, error, log)
    }
    if (!ctx.res.headersSent) {
      ctx.res.setHeader('X-Request-Id', requestId)
      if (lifecycle.draining) ctx.res.shouldKeepAlive = false
    }
    // Probes come all the time, and only those that fail say something.
    const level = isProbe(ctx.path) && ctx.status === 200 ? 'debug' : 'info'
    log[level]({
      requestId,
      http: ctx.method,
      path: knownPath(ctx.path),
      status: ctx.status,
      ...ctx.state.call,
      ms: Math.round((performance.now() - started) * 1000) / 1000
    })
  }
}

/** Paths that are not the server's own are a client's text and stay out of the log. */
function knownPath(path: string): string {
  return path === '/mcp' || isProbe(path) ? path : 'other'
}

function isProbe(path: string): boolean {
  return path === '/health' || path === '/ready'
}

function answerError(ctx: HttpContext, error: unknown, log: Logger): void {
  const refusal = error instanceof Refusal ? error : internal(error, ctx, log)
  ctx.status = refusal.status
  ctx.set(refusal.headers)
  ctx.type = 'application/json'
  ctx.body = refusal.toBody()
}

function internal(error: unknown, ctx: HttpContext, log: Logger): Refusal {
  log.error({ err: error, requestId: ctx.state.requestId }, 'a request failed')
  return new Refusal(500, 'Internal error', { code: errorCodes.internalError })
}
