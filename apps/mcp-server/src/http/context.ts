import type { ParameterizedContext } from 'koa'
import type { CallRecord } from '../protocol/call.ts'

/** What the parts of the HTTP server tell each other about one request. */
export interface HttpState {
  requestId: string
  /** What the protocol made of it, for the log. */
  call?: CallRecord
}

export type HttpContext = ParameterizedContext<HttpState>
