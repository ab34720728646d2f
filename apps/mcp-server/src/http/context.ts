import type { ParameterizedContext } from 'koa'
import type { Principal } from '../principal.ts'
import type { CallRecord } from '../protocol/call.ts'
import type { ToolFilter } from '../tools/filter.ts'

/** What the parts of the HTTP server tell each other about one request. */
export interface HttpState {
  requestId: string
  /** Whoever authentication found; missing where there is none. */
  principal?: Principal
  /** What the request's headers narrow the tools to. */
  filter?: ToolFilter
  /** What the protocol made of it, for the log. */
  call?: CallRecord
}

export type HttpContext = ParameterizedContext<HttpState>
