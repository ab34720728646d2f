import { context, metrics, propagation, trace } from '@opentelemetry/api'
import type { Logger } from '../logger.ts'

export interface TelemetryOptions {
  /** Base address of a collector that takes OTLP over HTTP. */
  readonly endpoint: string
  readonly version: string
}

export interface Telemetry {
  /** Sends what is left, for five seconds at most, and stops. Never throws: what could not be sent is in the log. */
  stop(log: Logger): Promise<void>
}

const stopMilliseconds = 5000

/**
 * Puts the SDK of OpenTelemetry behind its API, which the rest of the server calls. It is loaded here and nowhere else,
 * so that a server without telemetry does not carry it. Meters that were made before go nowhere, so this comes first.
 * The exporters read the other variables of OTLP, such as OTEL_EXPORTER_OTLP_HEADERS, by themselves.
 */
export async function startTelemetry({ endpoint, version }: TelemetryOptions): Promise<Telemetry> {
  const [traces, metric, hooks, core, resources, traceExporter, metricExporter] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/sdk-metrics'),
    import('@opentelemetry/context-async-hooks'),
    import('@opentelemetry/core'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/exporter-metrics-otlp-http')
  ])
  const base = endpoint.replace(/\/$/, '')
  const resource = resources
    .defaultResource()
    .merge(resources.resourceFromAttributes({ 'service.name': 'quilt-mcp', 'service.version': version }))
  const tracerProvider = new traces.TracerProvider({
    resource,
    spanProcessors: [
      new traces.BatchSpanProcessor({
        exporter: new traceExporter.OTLPTraceExporter({ url: `${base}/v1/traces` })
      })
    ]
  })
  const meterProvider = new metric.MeterProvider({
    resource,
    readers: [
      new metric.PeriodicExportingMetricReader({
        exporter: new metricExporter.OTLPMetricExporter({ url: `${base}/v1/metrics` })
      })
    ]
  })
  context.setGlobalContextManager(new hooks.AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new core.W3CTraceContextPropagator())
  trace.setGlobalTracerProvider(tracerProvider)
  metrics.setGlobalMeterProvider(meterProvider)
  return {
    stop: async (log) => {
      const ended = await Promise.race([
        Promise.allSettled([tracerProvider.shutdown(), meterProvider.shutdown()]),
        new Promise<readonly []>((resolve) => setTimeout(resolve, stopMilliseconds, []).unref())
      ])
      for (const end of ended)
        if (end.status === 'rejected') log.warn({ err: end.reason }, 'telemetry could not be sent')
      for (const global of [trace, metrics, propagation, context]) global.disable()
    }
  }
}
