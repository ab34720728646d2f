import { pino } from 'pino'
import type { Config } from './config.ts'
import type { Logger } from './logger.ts'

export interface LoggerHandle {
  readonly log: Logger
  /** Writes what is still buffered, at once. */
  flush(): void
}

/**
 * JSON lines to a file descriptor: 1 for HTTP, 2 for stdio, where stdout belongs to the protocol. Lines are written
 * in the background within a tenth of a second, many at once; where nobody reads them, those beyond 4 MiB are dropped.
 */
export function createLogger(config: Pick<Config, 'logLevel' | 'version'>, descriptor: 1 | 2): LoggerHandle {
  const destination = pino.destination({
    dest: descriptor,
    sync: false,
    minLength: 8192,
    maxLength: 4 * 1024 ** 2,
    periodicFlush: 100
  })
  const log = pino(
    {
      level: config.logLevel,
      base: { service: 'quilt-mcp', version: config.version },
      timestamp: isoTimes(),
      formatters: { level: (level) => ({ level }) }
    },
    destination
  )
  const flush = (): void => {
    destination.flushSync()
  }
  // What led to a crash is in the last lines.
  process.once('exit', flush)
  return { log, flush }
}

/** The time as pino wants it, in ISO 8601. Made once a millisecond, not once a line. */
function isoTimes(): () => string {
  let last = 0
  let text = ''
  return () => {
    const now = Date.now()
    if (now !== last) {
      last = now
      text = `,"time":"${new Date(now).toISOString()}"`
    }
    return text
  }
}
