/**
 * Error codes of JSON-RPC 2.0 (section 5.1). MCP adds `resourceNotFound`, and from 2026-07-28 on what follows it; -32000
 * is the first of the codes left to servers, used where a request is refused before it is read, or given up.
 */
export const errorCodes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  resourceNotFound: -32002,
  headerMismatch: -32020,
  missingCapability: -32021,
  refused: -32000
} as const

export type ErrorCode = (typeof errorCodes)[keyof typeof errorCodes]

/** The error object of a JSON-RPC response. */
export interface ErrorObject {
  readonly code: ErrorCode
  readonly message: string
  readonly data?: unknown
}

/** A request that the protocol answers with an error. The message goes to the client as it is. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: ErrorCode
  readonly data: unknown

  constructor(code: ErrorCode, message: string, data?: unknown) {
    super(message)
    this.code = code
    this.data = data
  }

  toObject(): ErrorObject {
    return {
      code: this.code,
      message: this.message,
      ...(this.data === undefined ? {} : { data: this.data })
    }
  }
}
