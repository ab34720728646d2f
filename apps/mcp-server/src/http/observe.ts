import type { Middleware } from 'koa'
import type { Logger } from '../logger.ts'
import { errorCodes } from '../protocol/protocol-error.ts'
import { withTraceOf } from '../telemetry/trace-context.ts'
import type { AnswerHeaders } from './answer-headers.ts'
import type { HttpContext, HttpState } from './context.ts'
import { principalHashes } from './hash-principal.ts'
import type { HttpMetrics } from './http-metrics.ts'
import type { Lifecycle } from './lifecycle.ts'
import { Refusal } from './refusal.ts'
import { requestIds } from './request-id.ts'

export interface ObserveOptions {
  readonly log: Logger
  readonly lifecycle: Lifecycle
  readonly metrics: HttpMetrics
  readonly headers: AnswerHeaders
}

/** Gives every request an id, counts it as in flight until its answer is gone, answers what was thrown, counts the answer, and writes one log line. */
export function observe({ log, lifecycle, metrics, headers }: ObserveOptions): Middleware<HttpState> {
  const nextId = requestIds()
  const hashOf = principalHashes()
  return async (ctx, next) => {
    const started = performance.now()
    const { req, res, state } = ctx
    const requestId = nextId(req.headers['x-request-id'])
    state.requestId = requestId
    state.headers = headers.of(req.headers.origin)
    state.inFlight = lifecycle.begin(res, started)
    try {
      await withTraceOf(req.headers, next)
    } catch (error) {
      answerError(ctx, error, log, metrics)
    }
    if (!res.headersSent) {
      // those that the route set itself stay
      for (let index = 0; index + 1 < state.headers.length; index += 2) {
        const name = state.headers[index] ?? ''
        if (!res.hasHeader(name)) res.setHeader(name, state.headers[index + 1] ?? '')
      }
      res.setHeader('X-Request-Id', requestId)
      if (lifecycle.draining) res.shouldKeepAlive = false
    }
    const path = knownPath(ctx.path)
    const status = res.statusCode
    metrics.answers.add(path, String(status))
    // Probes come all the time, and only those that fail say something.
    const level = isProbe(path) && status === 200 ? 'debug' : 'info'
    const { call, principal } = state
    if (call?.limit !== undefined) metrics.refused.add(call.limit)
    log[level]({
      requestId,
      http: ctx.method,
      path,
      status,
      ...(principal === undefined ? undefined : { principal: hashOf(principal) }),
      ...call,
      ms: Math.round((performance.now() - started) * 1000) / 1000
    })
  }
}

const ownPaths: ReadonlySet<string> = new Set([
  '/mcp',
  '/health',
  '/ready',
  '/.well-known/oauth-protected-resource',
  '/.well-known/oauth-protected-resource/mcp'
])

/** Paths that are not the server's own are a client's text and stay out of the log. */
function knownPath(path: string): string {
  return ownPaths.has(path) ? path : 'other'
}

/** What a load balancer asks, which no limit may stop. */
export function isProbe(path: string): boolean {
  return path === '/health' || path === '/ready'
}

function answerError(ctx: HttpContext, error: unknown, log: Logger, metrics: HttpMetrics): void {
  const refusal = error instanceof Refusal ? error : internal(error, ctx, log)
  metrics.refused.add(refusal.reason)
  if (ctx.res.headersSent) return
  ctx.status = refusal.status
  ctx.set(refusal.headers)
  ctx.type = 'application/json'
  ctx.body = refusal.toBody()
}

function internal(error: unknown, ctx: HttpContext, log: Logger): Refusal {
  log.error({ err: error, requestId: ctx.state.requestId }, 'a request failed')
  return new Refusal(500, 'Internal error', { code: errorCodes.internalError, reason: 'internal' })
}
