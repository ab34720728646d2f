import type { ParameterizedContext } from 'koa'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Principal } from '../principal.ts'
import type { CallRecord } from '../protocol/call.ts'
import type { ToolFilter } from '../tools/filter.ts'
import type { InFlight } from './lifecycle.ts'

/** What the parts of the HTTP server tell each other about one request. */
export interface HttpState {
  readonly requestId: string
  /** Headers that every answer has, name and value in turn, as writeHead takes them. */
  headers: readonly string[]
  /** The request in the server's list; set `abort` on it where the work can be given up. */
  readonly inFlight: InFlight
  /** Whoever authentication found; undefined where there is none. */
  principal: Principal | undefined
  /** What the request's headers narrow the tools to. */
  filter: ToolFilter | undefined
  /** What the protocol made of it, for the log. */
  call: CallRecord | undefined
}

/** One request and the way to its answer, past koa or through it: koa's context is one, too. */
export interface HttpRequest {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly path: string
  readonly state: HttpState
  /** False: the answer is written to `res`, and koa writes none. */
  respond?: boolean | undefined
}

export type HttpContext = ParameterizedContext<HttpState>
