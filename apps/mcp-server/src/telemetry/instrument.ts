import {
  context,
  metrics as meters,
  SpanKind,
  SpanStatusCode,
  trace,
  type Span,
  type SpanOptions
} from '@opentelemetry/api'
import { durationBounds, type Metrics } from '../metrics/metrics.ts'
import type { RawRequest } from '../protocol/message.ts'
import type { Answer, Method } from '../protocol/method.ts'
import { ProtocolError } from '../protocol/protocol-error.ts'
import { traceContextOf } from './trace-context.ts'

export interface InstrumentOptions {
  /** Names of tools, prompts: the targets that may stand in the name of a span. What a client makes up may not. */
  readonly tools: readonly string[]
  readonly metrics: Metrics
}

/** One kind of operation: what its spans and figures are called. Made once. */
interface Operation {
  readonly method: string
  readonly tool: string
  readonly span: string
  readonly options: SpanOptions
}

/**
 * The same methods, each call of which is measured and is a span: `tools/call <tool>`, or the name of the method.
 * Arguments and results stay out of both. Where no SDK is set up, only the metrics cost anything. Source: OpenTelemetry,
 * "Semantic conventions for MCP".
 */
export function instrument(
  methods: ReadonlyMap<string, Method>,
  { tools, metrics }: InstrumentOptions
): ReadonlyMap<string, Method> {
  const tracer = trace.getTracer('quilt-mcp')
  const sent = meters.getMeter('quilt-mcp').createHistogram('mcp.server.operation.duration', {
    unit: 's',
    description: 'Duration of an operation, from its request to its result.',
    advice: { explicitBucketBoundaries: [...durationBounds] }
  })
  const kept = metrics.histogram(
    'mcp_server_operation_duration_seconds',
    'Duration of an operation, from its request to its result.',
    ['mcp_method_name', 'gen_ai_tool_name', 'error_type']
  )

  const finish = (operation: Operation, span: Span, started: number, errorType: string): void => {
    const seconds = (performance.now() - started) / 1000
    const { method, tool } = operation
    kept.observe(seconds, method, tool, errorType)
    sent.record(
      seconds,
      errorType === ''
        ? operation.options.attributes
        : { ...operation.options.attributes, 'error.type': errorType }
    )
    if (errorType !== '') span.setAttribute('error.type', errorType).setStatus({ code: SpanStatusCode.ERROR })
    span.end()
  }

  const measured = (method: Method, operationOf: (request: RawRequest) => Operation): Method => {
    return (request, call) => {
      const started = performance.now()
      const operation = operationOf(request)
      const parent = traceContextOf(request['params'])
      const span = tracer.startSpan(operation.span, operation.options, parent)
      const answered = (answer: Answer): Answer => {
        finish(operation, span, started, answer.outcome === 'tool-error' ? 'tool_error' : '')
        return answer
      }
      const failed = (error: unknown): never => {
        finish(operation, span, started, error instanceof ProtocolError ? String(error.code) : '_OTHER')
        throw error
      }
      try {
        const pending = span.isRecording()
          ? context.with(trace.setSpan(parent, span), method, undefined, request, call)
          : method(request, call)
        return pending instanceof Promise ? pending.then(answered, failed) : answered(pending)
      } catch (error) {
        return failed(error)
      }
    }
  }

  const calls = new Map(tools.map((tool) => [tool, operation('tools/call', tool)]))
  return new Map(
    [...methods].map(([name, method]): [string, Method] => {
      const plain = operation(name, '')
      if (name !== 'tools/call') return [name, measured(method, () => plain)]
      return [name, measured(method, (request) => calls.get(targetOf(request)) ?? plain)]
    })
  )
}

function operation(method: string, tool: string): Operation {
  return {
    method,
    tool,
    span: tool === '' ? method : `${method} ${tool}`,
    options: {
      kind: SpanKind.SERVER,
      attributes: {
        'mcp.method.name': method,
        ...(tool === '' ? {} : { 'gen_ai.tool.name': tool, 'gen_ai.operation.name': 'execute_tool' })
      }
    }
  }
}

function targetOf({ params }: RawRequest): string {
  return typeof params === 'object' && params !== null && 'name' in params && typeof params.name === 'string'
    ? params.name
    : ''
}
