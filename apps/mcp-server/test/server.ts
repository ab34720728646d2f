import { Writable } from 'node:stream'
import { pino } from 'pino'
import type { TokenCheck } from '../src/authentication/token-verifier.ts'
import { readConfig, type Config } from '../src/config.ts'
import { serveHttp, type HttpServer } from '../src/http/serve.ts'
import { createMetrics } from '../src/metrics/metrics.ts'
import type { Method } from '../src/protocol/method.ts'
import { createMethods } from '../src/protocol/methods.ts'
import type { Services } from '../src/services.ts'
import { instrument } from '../src/telemetry/instrument.ts'
import type { Tool } from '../src/tools/tool.ts'
import { broken, echo, refusing } from './tools.ts'
import { openSample } from './sample.ts'

export interface TestServer extends HttpServer, AsyncDisposable {
  /** Lines of the log so far, parsed. */
  readonly log: readonly Readonly<Record<string, unknown>>[]
}

/** Services on the sample registry. */
export async function testServices(): Promise<Services> {
  const { registries, backends, searchIndexes } = await openSample()
  return {
    identity: {
      name: 'quilt-mcp',
      title: 'Test <server>',
      description: 'For tests.',
      version: 'abc1234',
      revision: 'abc1234'.padEnd(40, '0')
    },
    registries,
    backends,
    searchIndexes,
    maxReadBytes: 1024 ** 2,
    uptime: () => 1.5
  }
}

/** A log kept in memory. */
export function memoryLog(): { readonly log: pino.Logger; readonly lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = []
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      const line: unknown = JSON.parse(chunk.toString('utf8'))
      if (typeof line === 'object' && line !== null) lines.push({ ...line })
      done()
    }
  })
  return { log: pino({ level: 'debug' }, stream), lines }
}

/** A real HTTP server on a free port of loopback, with tools for tests, and the product's methods or what `change` makes of them. */
export async function startServer(
  overrides: Partial<Config> = {},
  tools: readonly Tool[] = [echo, refusing, broken],
  change = (methods: ReadonlyMap<string, Method>) => methods,
  stackCheck?: TokenCheck
): Promise<TestServer> {
  const { log, lines } = memoryLog()
  const services = await testServices()
  const metrics = createMetrics()
  const product = createMethods({ services, tools, instructions: 'Test.', withExamples: true })
  const methods = instrument(change(product), {
    tools: tools.map(({ name }) => name),
    metrics
  })
  const config = { ...readConfig({ PORT: '0' }), shutdownSeconds: 5, ...overrides }
  const server = await serveHttp(config, { services, tools, methods, metrics, stackCheck }, log)
  let closing: Promise<number> | undefined
  const close = (): Promise<number> => (closing ??= server.close())
  return {
    url: server.url,
    metricsUrl: server.metricsUrl,
    log: lines,
    close,
    [Symbol.asyncDispose]: async () => {
      await close()
    }
  }
}
