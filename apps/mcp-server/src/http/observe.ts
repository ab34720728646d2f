import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from '../logger.ts'
import { errorCodes } from '../protocol/protocol-error.ts'
import { withTraceOf } from '../telemetry/trace-context.ts'
import type { AnswerHeaders } from './answer-headers.ts'
import type { HttpRequest, HttpState } from './context.ts'
import { principalHashes } from './hash-principal.ts'
import type { HttpMetrics } from './http-metrics.ts'
import type { Lifecycle } from './lifecycle.ts'
import { Refusal } from './refusal.ts'
import { requestIds } from './request-id.ts'

export interface ObserverOptions {
  readonly log: Logger
  readonly lifecycle: Lifecycle
  readonly metrics: HttpMetrics
  readonly headers: AnswerHeaders
}

/** What happens around every request, whichever way it goes. */
export interface Observer {
  /** Gives a request its id, and counts it as in flight until its answer is gone. */
  begin(req: IncomingMessage, res: ServerResponse): HttpState
  /** Waits for the answer, answers what was thrown, counts the answer, and writes one log line. Never throws. */
  observe(request: HttpRequest, answer: () => void | Promise<void>): Promise<void>
}

export function observer({ log, lifecycle, metrics, headers }: ObserverOptions): Observer {
  const nextId = requestIds()
  const hashOf = principalHashes()
  return {
    begin: (req, res) => {
      const requestId = nextId(req.headers['x-request-id'])
      const ofAnswer = headers.of(req.headers.origin)
      return {
        requestId,
        headers: ofAnswer,
        inFlight: lifecycle.begin(res, performance.now(), requestId, ofAnswer),
        principal: undefined,
        filter: undefined,
        call: undefined
      }
    },
    observe: async (request, answer) => {
      const { req, res, state } = request
      const { requestId, inFlight } = state
      try {
        await withTraceOf(req.headers, answer)
      } catch (error) {
        answerError(request, error)
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
      const path = knownPath(request.path)
      const status = res.statusCode
      metrics.answers.add(path, String(status))
      // Probes come all the time, and only those that fail say something.
      const level = isProbe(path) && status === 200 ? 'debug' : 'info'
      const { call, principal } = state
      if (call?.limit !== undefined) metrics.refused.add(call.limit)
      log[level]({
        requestId,
        http: req.method,
        path,
        status,
        ...(principal === undefined ? undefined : { principal: hashOf(principal) }),
        ...call,
        ms: Math.round((performance.now() - inFlight.started) * 1000) / 1000
      })
    }
  }

  function answerError(request: HttpRequest, error: unknown): void {
    const { res, state } = request
    const refusal = error instanceof Refusal ? error : internal(error, state)
    metrics.refused.add(refusal.reason)
    request.respond = false
    if (res.headersSent) return
    if (lifecycle.draining) res.shouldKeepAlive = false
    const body = refusal.toBody()
    res
      .writeHead(refusal.status, [
        ...Object.entries(refusal.headers).flat(),
        ...['Content-Type', 'application/json', 'Content-Length', String(Buffer.byteLength(body))],
        ...state.headers,
        ...['X-Request-Id', state.requestId]
      ])
      .end(body)
  }

  function internal(error: unknown, { requestId }: HttpState): Refusal {
    log.error({ err: error, requestId }, 'a request failed')
    return new Refusal(500, 'Internal error', { code: errorCodes.internalError, reason: 'internal' })
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
