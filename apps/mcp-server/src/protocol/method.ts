import type { LoggingLevel } from '@modelcontextprotocol/sdk/types.js'
import type { z } from 'zod'
import { describeIssues } from '../issues.ts'
import type { Logger } from '../logger.ts'
import type { Principal } from '../principal.ts'
import type { ToolFilter } from '../tools/filter.ts'
import type { RawRequest } from './message.ts'
import { errorCodes, ProtocolError } from './protocol-error.ts'

/** Makes the context of one request: a door's part of every call. */
export type ContextOf = (request: RawRequest) => CallContext

/** What a handler can tell the client while it works. Its methods are called on it and not taken out of it, which `this` makes an error. */
export interface Notifier {
  /**
   * Tells the client how far the work is; nothing happens where it gave no progress token. A door that answers plain
   * JSON turns into a stream at the first call.
   */
  progress(this: Notifier, done: number, total?: number, message?: string): void
  /** A log message for the client (notifications/message), sent where its level asks for it. */
  notify(this: Notifier, level: LoggingLevel, data: string): void
}

/** What a handler knows of the call besides its params. Nothing in it says which door the call came through. */
export interface CallContext extends Notifier {
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
  readonly log: Logger
  readonly principal: Principal
  /** What the request's headers narrow the tools to; undefined: no narrowing. */
  readonly filter: ToolFilter | undefined
  /** What a door with sessions can do besides; undefined behind every other door. */
  readonly session: ClientSession | undefined
}

/** The way to a client that stays connected. */
export interface ClientSession {
  /** Sends the client a request (sampling, elicitation, roots) and gives its result as it came. Throws where the client refuses, leaves or is cancelled. */
  ask(method: string, params: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>
  /** Ends the stream of this call: the client comes back for the answer, which is kept for it. */
  release(): void
}

/** What a method answers. */
export interface Answer {
  readonly result: object
  /** The result as JSON text, where it was made once for all calls. */
  readonly json?: string
  /** Length of `json` in UTF-8. */
  readonly bytes?: number
  /** For tools/call, for the log. */
  readonly tool?: string
  /** For the log; `ok` where missing. A tool that failed as it may is `tool-error`. */
  readonly outcome?: 'ok' | 'tool-error'
}

/** A method of the protocol: takes the raw request and checks it. Throws ProtocolError -32602 for params that are not the method's. */
export type Method = (request: RawRequest, context: CallContext) => Answer | Promise<Answer>

/**
 * A method from the schema of its request and the function that answers it. `plain` may see what the schema would make
 * of a request where that is quickly seen; what it gives undefined for, the schema decides.
 */
export function method<R>(
  schema: z.ZodType<R>,
  answer: (request: R, context: CallContext) => Answer | Promise<Answer>,
  plain: (request: RawRequest) => R | undefined = () => undefined
): Method {
  return (request, context) => {
    const seen = plain(request)
    if (seen !== undefined) return answer(seen, context)
    const parsed = schema.safeParse(request)
    if (!parsed.success)
      throw new ProtocolError(
        errorCodes.invalidParams,
        `Invalid params: ${describeIssues(parsed.error.issues)}`
      )
    return answer(parsed.data, context)
  }
}

/** An answer that never changes: its JSON is made and measured here, once. */
export function fixed(result: object): Answer {
  const json = JSON.stringify(result)
  return { result, json, bytes: Buffer.byteLength(json) }
}
