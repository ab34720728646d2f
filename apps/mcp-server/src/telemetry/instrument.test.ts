import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { testContext } from '../../test/context.ts'
import { createMetrics } from '../metrics/metrics.ts'
import type { Method } from '../protocol/method.ts'
import { errorCodes, ProtocolError } from '../protocol/protocol-error.ts'
import { instrument } from './instrument.ts'
import { withTraceOf } from './trace-context.ts'

const exporter = new InMemorySpanExporter()
const traceId = '0af7651916cd43dd8448eb211c80319c'
const traceparent = `00-${traceId}-b7ad6b7169203331-01`

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
  )
})

beforeEach(() => {
  exporter.reset()
})

afterAll(() => {
  for (const global of [trace, propagation, context]) global.disable()
})

function fixture(method: Method) {
  const metrics = createMetrics()
  const methods = instrument(
    new Map([
      ['tools/call', method],
      ['ping', method]
    ]),
    { tools: ['echo'], metrics }
  )
  const call = async (name: string, params?: object) => {
    const found = methods.get(name)
    if (found === undefined) throw new Error('no such method')
    return found({ method: name, ...(params === undefined ? {} : { params }) }, testContext())
  }
  return { metrics, call, methods }
}

test('a call of a tool is a span that names it, with nothing of its arguments', async () => {
  const { call, metrics } = fixture(() => Promise.resolve({ result: {}, tool: 'echo' }))
  await call('tools/call', { name: 'echo', arguments: { text: 'pssst' } })
  const [span] = exporter.getFinishedSpans()
  expect(span).toMatchObject({
    name: 'tools/call echo',
    kind: SpanKind.SERVER,
    attributes: { 'mcp.method.name': 'tools/call', 'gen_ai.tool.name': 'echo' }
  })
  expect(JSON.stringify(span?.attributes)).not.toContain('pssst')
  expect(metrics.text()).toContain(
    'mcp_server_operation_duration_seconds_count{mcp_method_name="tools/call",gen_ai_tool_name="echo"} 1'
  )
})

test('a tool that nobody has does not get into names', async () => {
  const { call } = fixture(() => ({ result: {} }))
  await call('tools/call', { name: 'made up' })
  await call('ping')
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['tools/call', 'ping'])
})

test.each<[string, Method, string]>([
  ['a tool that failed as it may', () => ({ result: {}, outcome: 'tool-error' }), 'tool_error'],
  [
    'an error of the protocol',
    () => Promise.reject(new ProtocolError(errorCodes.invalidParams, 'no')),
    '-32602'
  ],
  [
    'a fault',
    () => {
      throw new TypeError('secret')
    },
    '_OTHER'
  ]
])('%s is an error in span and metrics', async (_, method, type) => {
  const { call, metrics } = fixture(method)
  await call('ping').catch(() => undefined)
  const [span] = exporter.getFinishedSpans()
  expect(span).toMatchObject({ status: { code: SpanStatusCode.ERROR }, attributes: { 'error.type': type } })
  expect(JSON.stringify([span?.attributes, span?.events])).not.toContain('secret')
  expect(metrics.text()).toContain(`error_type="${type}"} 1`)
})

test('a span belongs to the trace of the headers, and to that of _meta before it', async () => {
  const { call } = fixture(() => ({ result: {} }))
  await withTraceOf({ traceparent }, () => call('ping'))
  const other = traceparent.replace('0af7', 'ffff')
  await withTraceOf({ traceparent }, () => call('ping', { _meta: { traceparent: other, tracestate: 'a=b' } }))
  await call('ping', { _meta: { traceparent: 7 } })
  const traces = exporter.getFinishedSpans().map((span) => span.spanContext().traceId)
  expect(traces.slice(0, 2)).toEqual([traceId, traceId.replace('0af7', 'ffff')])
  expect(traces[2]).not.toBe(traceId)
})

test('what a handler does is within the span', async () => {
  const { call } = fixture(() => {
    trace.getTracer('inside').startSpan('inner').end()
    return { result: {} }
  })
  await call('ping')
  const [inner, outer] = exporter.getFinishedSpans()
  expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId)
})
