import type { Assembly } from '../assemble.ts'
import { createVerifier } from '../authentication/create-verifier.ts'
import type { Config } from '../config.ts'
import type { Logger } from '../logger.ts'
import { serveMetrics } from '../metrics/serve-metrics.ts'
import { createApplication } from './application.ts'
import { authenticator } from './authentication/authenticate.ts'
import { httpMetrics, serverMetrics } from './http-metrics.ts'
import { lifecycle, type InFlight } from './lifecycle.ts'
import { admission } from './limits/admission.ts'
import { answerClientErrors } from './limits/client-errors.ts'
import { OpenStreams } from './limits/open-streams.ts'
import { watch } from './limits/watch.ts'
import { listen, urlOf } from './listen.ts'
import { openSessions } from './sessions/open-sessions.ts'
import { shutDown } from './shut-down.ts'

export interface HttpServer {
  /** Where clients of this machine reach it, without a path. */
  readonly url: string
  /** Where the metrics are; undefined where they are not served. */
  readonly metricsUrl: string | undefined
  /** Finishes what is in flight and stops. Returns how many requests were cut because they took too long. */
  close(): Promise<number>
}

/** Starts the HTTP server. Throws CodedError `port-taken` or `invalid-environment`. */
export async function serveHttp(
  config: Config,
  assembly: Omit<Assembly, 'close'>,
  log: Logger
): Promise<HttpServer> {
  const life = lifecycle()
  const metrics = httpMetrics(assembly.metrics)
  const admitted = admission(config, life)
  const { auth } = config
  const verifier = await createVerifier(auth, assembly.stackCheck)
  const streams = new OpenStreams(config)
  const { methods } = assembly
  const sessions = await openSessions({ ...config, methods, log, lifecycle: life, streams })
  const application = createApplication({
    ...config,
    ...assembly,
    identity: assembly.services.identity,
    uptime: assembly.services.uptime,
    log,
    lifecycle: life,
    metrics,
    admission: admitted,
    authenticate: authenticator({ ...config, verifier, log }),
    streams,
    sessions
  })
  const figures =
    config.metricsPort === undefined ? undefined : await serveMetrics(assembly.metrics, config.metricsPort)
  const server = await listen(application, config).catch(async (error: unknown) => {
    await figures?.close()
    throw error
  })
  const onRefusal = (reason: string): void => {
    metrics.refused.add(reason)
  }
  // a call that never ends has no line but this
  const onEnd = (reason: string, { requestId, started }: InFlight): void => {
    onRefusal(reason)
    log.warn({ requestId, reason, ms: Math.round(performance.now() - started) }, 'a request was given up')
  }
  answerClientErrors(server, life, onRefusal)
  serverMetrics(assembly.metrics, server, life, () => admitted.remembered)
  const unwatch = watch(life, { ...config, onEnd })
  return {
    url: urlOf(server),
    metricsUrl: figures?.url,
    close: async () => {
      const unfinished = await shutDown(server, life, config.shutdownSeconds, () => sessions?.running ?? 0)
      await sessions?.close()
      unwatch()
      await figures?.close()
      return unfinished
    }
  }
}
