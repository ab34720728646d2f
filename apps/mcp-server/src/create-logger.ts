import { pino } from 'pino'
import type { Config } from './config.ts'
import { LineBatch } from './line-batch.ts'
import type { Logger } from './logger.ts'

/** How long a reader of the log may keep the process waiting when lines are to be written at once. */
const patienceMs = 1000

/** How long a line waits for others at most. */
const flushMs = 100

export interface LoggerHandle {
  readonly log: Logger
  /** Writes what is still buffered, at once. */
  flush(): void
  /** The same, for the last time: lines that nobody reads are dropped, or they would keep the process from ending. */
  close(): void
}

/**
 * JSON lines to a file descriptor: 1 for HTTP, 2 for stdio, where stdout belongs to the protocol. Lines are written
 * in the background within a tenth of a second, many at once; where nobody reads them, those beyond 4 MiB are dropped.
 */
export function createLogger(config: Pick<Config, 'logLevel' | 'version'>, descriptor: 1 | 2): LoggerHandle {
  let deadline = Number.POSITIVE_INFINITY
  let closed = false
  const destination = pino.destination({
    dest: descriptor,
    sync: false,
    maxLength: 4 * 1024 ** 2,
    retryEAGAIN: () => performance.now() < deadline
  })
  destination.on('error', (error) => {
    if (!isUnread(error)) throw error
  })
  const batch = new LineBatch((text) => {
    if (!closed) destination.write(text)
  })
  const timer = setInterval(() => {
    batch.flush()
  }, flushMs).unref()
  const log = pino(
    {
      level: config.logLevel,
      base: { service: 'quilt-mcp', version: config.version },
      timestamp: isoTimes(),
      formatters: { level: (level) => ({ level }) }
    },
    batch
  )
  const flush = (): void => {
    if (closed) return
    deadline = performance.now() + patienceMs
    try {
      batch.flush()
      destination.flushSync()
    } catch (error) {
      if (!isUnread(error)) throw error
    } finally {
      deadline = Number.POSITIVE_INFINITY
    }
  }
  const close = (): void => {
    flush()
    clearInterval(timer)
    closed = true
    deadline = 0
    destination.destroy()
  }
  // What led to a crash is in the last lines.
  process.once('exit', flush)
  return { log, flush, close }
}

/** Whether nobody reads what is written: a pipe that is full, or that nobody has open any more. */
function isUnread(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EPIPE')
}

/** The time as pino wants it, in ISO 8601. What comes before the milliseconds is made once a second, not once a line. */
function isoTimes(): () => string {
  let second = -1
  let text = ''
  return () => {
    const now = Date.now()
    const milliseconds = now % 1000
    if (now - milliseconds !== second) {
      second = now - milliseconds
      text = `,"time":"${new Date(second).toISOString().slice(0, -4)}`
    }
    return `${text}${String(milliseconds).padStart(3, '0')}Z"`
  }
}
