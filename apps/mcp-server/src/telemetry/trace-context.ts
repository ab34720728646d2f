import { context, propagation, type Context } from '@opentelemetry/api'
import type { IncomingHttpHeaders } from 'node:http'

/** Runs a function within the trace that the headers of a request name, if they name one. Source: W3C Trace Context. */
export function withTraceOf<T>(headers: IncomingHttpHeaders, run: () => T): T {
  return headers['traceparent'] === undefined
    ? run()
    : context.with(propagation.extract(context.active(), headers), run)
}

/** The trace that a message's `_meta` names, which wins over the headers; else the one around. Source: OpenTelemetry, "Semantic conventions for MCP", context propagation. */
export function traceContextOf(params: unknown): Context {
  const around = context.active()
  if (typeof params !== 'object' || params === null || !('_meta' in params)) return around
  const meta = params._meta
  if (typeof meta !== 'object' || meta === null || !('traceparent' in meta)) return around
  const { traceparent } = meta
  if (typeof traceparent !== 'string') return around
  const tracestate = 'tracestate' in meta && typeof meta.tracestate === 'string' ? meta.tracestate : undefined
  return propagation.extract(around, {
    traceparent,
    ...(tracestate === undefined ? {} : { tracestate })
  })
}
