import type { ParameterizedContext } from 'koa'
import type { Principal } from '../principal.ts'
import type { CallRecord } from '../protocol/call.ts'
import type { ToolFilter } from '../tools/filter.ts'
import type { InFlight } from './lifecycle.ts'

/** What the parts of the HTTP server tell each other about one request. */
export interface HttpState {
  requestId: string
  /** Headers that every answer has, name and value in turn, as writeHead takes them. */
  headers: readonly string[]
  /** The request in the server's list; set `abort` on it where the work can be given up. */
  inFlight: InFlight
  /** Whoever authentication found; missing where there is none. */
  principal?: Principal
  /** What the request's headers narrow the tools to. */
  filter?: ToolFilter
  /** What the protocol made of it, for the log. */
  call?: CallRecord
}

export type HttpContext = ParameterizedContext<HttpState>
