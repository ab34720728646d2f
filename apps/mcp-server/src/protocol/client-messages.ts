import type { LoggingLevel } from '@modelcontextprotocol/sdk/types.js'
import { isObject, type RawRequest } from './message.ts'

/** A JSON-RPC notification to the client. */
export interface Notification {
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
}

/** From what is least to what is most urgent. Source: RFC 5424, section 6.2.1, which MCP follows. */
const levels: readonly LoggingLevel[] = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency'
]

/** What a client gets that never said which level it wants: revisions up to 2025-11-25 leave that to the server. */
export const defaultLevel: LoggingLevel = 'info'

/** The level of that name, or undefined. */
export function knownLevel(name: unknown): LoggingLevel | undefined {
  return levels.find((level) => level === name)
}

/** The notification of a request's progress; undefined where the request gave no token. */
export function progressMessage(
  request: RawRequest,
  progress: number,
  total: number | undefined,
  message: string | undefined
): Notification | undefined {
  const progressToken = metaOf(request)?.['progressToken']
  if (typeof progressToken !== 'string' && !Number.isSafeInteger(progressToken)) return undefined
  return {
    method: 'notifications/progress',
    params: {
      progressToken,
      progress,
      ...(total === undefined ? {} : { total }),
      ...(message === undefined ? {} : { message })
    }
  }
}

/** The notification of a log message; undefined where the client wants none of this level. */
export function logMessage(
  wanted: LoggingLevel | undefined,
  level: LoggingLevel,
  data: string
): Notification | undefined {
  if (wanted === undefined || levels.indexOf(level) < levels.indexOf(wanted)) return undefined
  return { method: 'notifications/message', params: { level, data } }
}

/** `params._meta` of a request, where there is one. */
export function metaOf(
  request: Readonly<Record<string, unknown>>
): Readonly<Record<string, unknown>> | undefined {
  const { params } = request
  const meta = isObject(params) ? params['_meta'] : undefined
  return isObject(meta) ? meta : undefined
}

/** The level that a request of the newest revision asks for; undefined where it wants no log messages. */
export function modernLevel(request: RawRequest): LoggingLevel | undefined {
  return knownLevel(metaOf(request)?.['io.modelcontextprotocol/logLevel'])
}
