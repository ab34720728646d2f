import { errorCodes, ProtocolError } from './protocol-error.ts'

export type RequestId = string | number

/** A request as it came, of which only the method is known. */
export type RawRequest = Readonly<Record<string, unknown>> & { readonly method: string }

/** One JSON-RPC message of a client, its shape checked and its params not yet. */
export type Message =
  | {
      readonly kind: 'request'
      readonly id: RequestId
      /** As it came, params unchecked. */
      readonly request: RawRequest
    }
  | { readonly kind: 'notification' }
  | { readonly kind: 'response' }
  | { readonly kind: 'invalid'; readonly id: RequestId | null; readonly error: ProtocolError }

/**
 * What a parsed JSON value is as a message. Never throws. Sources: JSON-RPC 2.0, sections 4 and 5; MCP, "Base
 * protocol": ids are strings or integers and never null, params are an object.
 */
export function classify(value: unknown): Message {
  if (!isObject(value)) return invalid(null, 'a message is a JSON object')
  const { jsonrpc, id, method, params } = value
  const validId = isId(id) ? id : null
  if (jsonrpc !== '2.0') return invalid(validId, 'jsonrpc is "2.0" in every message')
  if (method === undefined) {
    return validId !== null && ('result' in value || 'error' in value)
      ? { kind: 'response' }
      : invalid(validId, 'a message has a method, or an id with a result or an error')
  }
  if (!isRawRequest(value)) return invalid(validId, 'a method is a string')
  if (params !== undefined && !isObject(params)) return invalid(validId, 'params are an object')
  if (id === undefined) return { kind: 'notification' }
  if (validId === null) return invalid(null, 'an id is a string or an integer')
  return { kind: 'request', id: validId, request: value }
}

function isRawRequest(value: Readonly<Record<string, unknown>>): value is RawRequest {
  return typeof value['method'] === 'string'
}

function invalid(id: RequestId | null, expected: string): Message {
  return {
    kind: 'invalid',
    id,
    error: new ProtocolError(errorCodes.invalidRequest, `Invalid request: ${expected}`)
  }
}

/** Whether a JSON value can be the id of a request. */
export function isId(value: unknown): value is RequestId {
  return typeof value === 'string' || Number.isSafeInteger(value)
}

/** Whether a JSON value is an object, and no list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
