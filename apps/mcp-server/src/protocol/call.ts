import type { RawRequest } from './message.ts'
import type { Answer, CallContext, Method } from './method.ts'
import { errorCodes, ProtocolError } from './protocol-error.ts'

/** What became of one request: an answer or an error, and what the log says of it. */
export type Called =
  | { readonly record: CallRecord; readonly answer: Answer; readonly error: undefined }
  | { readonly record: CallRecord; readonly answer: undefined; readonly error: ProtocolError }

/** What the log says of one message. Never a client's own text. */
export interface CallRecord {
  /** A method the server knows, or `unknown`; a door adds words of its own for what is no request. */
  readonly method: string
  readonly tool?: string
  /** Of a batch, each once. */
  readonly tools?: readonly string[]
  /** `ok`, `tool-error` or the number of a JSON-RPC error. */
  readonly outcome: 'ok' | 'tool-error' | number
  /** The limit that the message went over, for the metric of refusals. */
  readonly limit?: 'json-depth'
}

/** Finds the method of a request and calls it. Never throws: a fault of a handler goes to the log, and the client gets -32603. */
export async function call(
  methods: ReadonlyMap<string, Method>,
  request: RawRequest,
  context: CallContext
): Promise<Called> {
  const { method } = request
  const handler = methods.get(method)
  if (handler === undefined)
    return failed('unknown', new ProtocolError(errorCodes.methodNotFound, 'Method not found'))
  try {
    const pending = handler(request, context)
    const answer = pending instanceof Promise ? await pending : pending
    const { tool, outcome = 'ok' } = answer
    const record = tool === undefined ? { method, outcome } : { method, tool, outcome }
    return { record, answer, error: undefined }
  } catch (thrown) {
    return failed(method, asProtocolError(thrown, context))
  }
}

/** A request that was not called, or whose call was given up. The method is one the server knows, or `unknown`. */
export function failed(method: string, error: ProtocolError): Called {
  return { record: { method, outcome: error.code }, answer: undefined, error }
}

function asProtocolError(thrown: unknown, context: CallContext): ProtocolError {
  if (thrown instanceof ProtocolError) return thrown
  if (context.signal.aborted) return new ProtocolError(errorCodes.refused, 'The request was cancelled')
  context.log.error({ err: thrown }, 'a handler failed')
  return new ProtocolError(errorCodes.internalError, 'Internal error')
}
