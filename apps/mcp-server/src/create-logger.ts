import { pino } from 'pino'
import type { Config } from './config.ts'
import type { Logger } from './logger.ts'

export interface LoggerHandle {
  readonly log: Logger
  /** Writes what is still buffered. To be called before the process ends. */
  flush(): void
}

/**
 * JSON lines to a file descriptor: 1 for HTTP, 2 for stdio, where stdout belongs to the protocol. Lines are written
 * in the background, many at once under load.
 */
export function createLogger(config: Pick<Config, 'logLevel' | 'version'>, descriptor: 1 | 2): LoggerHandle {
  const destination = pino.destination({ dest: descriptor, sync: false })
  const log = pino(
    {
      level: config.logLevel,
      base: { service: 'quilt-mcp', version: config.version },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) }
    },
    destination
  )
  return {
    log,
    flush: () => {
      destination.flushSync()
    }
  }
}
