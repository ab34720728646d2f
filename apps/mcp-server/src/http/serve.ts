import type { Assembly } from '../assemble.ts'
import type { Config } from '../config.ts'
import type { Logger } from '../logger.ts'
import { createApplication } from './application.ts'
import { lifecycle } from './lifecycle.ts'
import { listen, urlOf } from './listen.ts'
import { shutDown } from './shut-down.ts'

export interface HttpServer {
  /** Where clients of this machine reach it, without a path. */
  readonly url: string
  /** Finishes what is in flight and stops. Returns how many requests were cut because they took too long. */
  close(): Promise<number>
}

/** Starts the HTTP server. Throws CodedError `port-taken` or `invalid-environment`. */
export async function serveHttp(
  config: Config,
  assembly: Omit<Assembly, 'close'>,
  log: Logger
): Promise<HttpServer> {
  const abort = new AbortController()
  const life = lifecycle()
  const application = createApplication({
    ...config,
    ...assembly,
    identity: assembly.services.identity,
    uptime: assembly.services.uptime,
    log,
    lifecycle: life,
    signal: abort.signal
  })
  const handle = application.callback()
  const server = await listen((request, response) => void handle(request, response), config)
  return {
    url: urlOf(server),
    close: async () => {
      const unfinished = await shutDown(server, life, config.shutdownSeconds)
      abort.abort()
      return unfinished
    }
  }
}
