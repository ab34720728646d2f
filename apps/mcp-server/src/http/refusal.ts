import { errorCodes, type ErrorCode } from '../protocol/protocol-error.ts'

/** A request that HTTP refuses before the protocol sees it. The message goes to the client as it is and holds nothing it sent. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly code: ErrorCode
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    message: string,
    options: { readonly code?: ErrorCode; readonly headers?: Readonly<Record<string, string>> } = {}
  ) {
    super(message)
    this.status = status
    this.code = options.code ?? errorCodes.refused
    this.headers = options.headers ?? {}
  }

  /** The body of the answer: a JSON-RPC error without an id, which MCP allows for every status of 4xx. */
  toBody(): string {
    return JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: this.code, message: this.message } })
  }
}
