import type { EnvironmentSource } from '@fast-mcp/environment'
import type { Readable, Writable } from 'node:stream'
import { parseArguments } from './arguments.ts'
import { readConfig, type Config } from './config.ts'
import { isLocal } from './exposure.ts'
import { help } from './help.ts'
import type { Telemetry } from './telemetry/start-telemetry.ts'

/** What a run of the program gets from its process. */
export interface Run {
  readonly args: readonly string[]
  readonly environment: EnvironmentSource
  /** Aborted to stop the server. */
  readonly signal: AbortSignal
  readonly input: Readable
  readonly output: Writable
  readonly errors: Writable
}

/**
 * The program: serves until the signal is aborted, or does what the arguments ask. Returns the exit code. What HTTP
 * and stdio need is loaded only for them, so that --health is quick. Throws CodedError for a wrong start.
 */
export async function run(run: Run): Promise<number> {
  const { command, environment } = parseArguments(run.args)
  if (command === 'help') {
    run.output.write(help())
    return 0
  }
  const config = readConfig({ ...run.environment, ...environment })
  switch (command) {
    case 'version':
      run.output.write(`quilt-mcp ${config.version} (${config.revision})\n`)
      return 0
    case 'health':
      return health(config, run)
    case 'stdio':
      return stdio(config, run)
    case 'http':
      return http(config, run)
  }
}

async function health(config: Config, { errors }: Run): Promise<number> {
  const { probe } = await import('./http/probe.ts')
  const problem = await probe(config)
  if (problem === undefined) return 0
  errors.write(`not healthy: ${problem}\n`)
  return 1
}

async function stdio(config: Config, { signal, input, output }: Run): Promise<number> {
  const [{ assemble }, { createLogger }, { serveStdio }] = await Promise.all([
    import('./assemble.ts'),
    import('./create-logger.ts'),
    import('./protocol/stdio.ts')
  ])
  const { log, close: closeLog } = createLogger(config, 2)
  const telemetry = await telemetryOf(config)
  try {
    const { methods, close } = await assemble(config, { readOnly: false })
    const { maxBodyBytes: maxLineBytes, maxJsonDepth } = config
    await serveStdio({ methods, log, input, output, signal, maxLineBytes, maxJsonDepth })
    await close()
    return 0
  } finally {
    await telemetry?.stop(log)
    closeLog()
  }
}

async function http(config: Config, { signal }: Run): Promise<number> {
  const [{ assemble }, { createLogger }, { serveHttp }] = await Promise.all([
    import('./assemble.ts'),
    import('./create-logger.ts'),
    import('./http/serve.ts')
  ])
  const { log, flush, close: closeLog } = createLogger(config, 1)
  const telemetry = await telemetryOf(config)
  try {
    const readOnly = config.auth.kind === 'none' && !isLocal(config)
    const assembly = await assemble(config, { readOnly })
    const server = await serveHttp(config, assembly, log)
    if (readOnly)
      log.warn(
        { host: config.host, proxyHops: config.proxyHops, allowedHosts: config.allowedHosts },
        'anybody who reaches this server may call: AUTH is none, so only tools that read are served'
      )
    log.info(
      {
        url: `${server.url}/mcp`,
        revision: config.revision,
        auth: config.auth.kind,
        readOnly,
        metrics: server.metricsUrl,
        readyMs: Math.round(performance.now())
      },
      'ready'
    )
    flush()
    await aborted(signal)
    log.info('stopping')
    const unfinished = await server.close()
    if (unfinished > 0) log.warn({ unfinished }, 'requests took too long and were cut')
    await assembly.close()
    log.info('stopped')
    return 0
  } finally {
    await telemetry?.stop(log)
    closeLog()
  }
}

async function telemetryOf({ telemetryEndpoint: endpoint, version }: Config): Promise<Telemetry | undefined> {
  if (endpoint === undefined) return undefined
  const { startTelemetry } = await import('./telemetry/start-telemetry.ts')
  return startTelemetry({ endpoint, version })
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else
      signal.addEventListener('abort', () => resolve(), {
        once: true
      })
  })
}
