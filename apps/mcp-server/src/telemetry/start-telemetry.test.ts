import { expect, test } from '@jest/globals'
import { metrics, trace } from '@opentelemetry/api'
import { memoryLog } from '../../test/server.ts'
import { listen, urlOf } from '../http/listen.ts'
import { startTelemetry } from './start-telemetry.ts'

const options = {
  host: '127.0.0.1',
  port: 0,
  requestTimeoutSeconds: 5,
  maxHeaderBytes: 8192,
  maxConnections: 20
}

test('what was recorded is sent to the collector when telemetry stops', async () => {
  const received = new Map<string, string>()
  const collector = await listen((request, response) => {
    let body = ''
    request.setEncoding('latin1').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      received.set(request.url ?? '', body)
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}')
    })
  }, options)
  const telemetry = await startTelemetry({ endpoint: `${urlOf(collector)}/`, version: 'abc' })
  trace.getTracer('test').startSpan('a span').end()
  metrics.getMeter('test').createHistogram('a.histogram').record(1)
  const { log, lines } = memoryLog()
  await telemetry.stop(log)
  collector.closeAllConnections()
  collector.close()
  expect(received.get('/v1/traces')).toContain('a span')
  expect(received.get('/v1/traces')).toContain('quilt-mcp')
  expect(received.get('/v1/metrics')).toContain('a.histogram')
  expect(lines).toEqual([])
})
