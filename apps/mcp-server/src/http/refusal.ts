import type { RequestId } from '../protocol/message.ts'
import { errorCodes, type ErrorCode } from '../protocol/protocol-error.ts'

export interface RefusalOptions {
  readonly code?: ErrorCode
  readonly headers?: Readonly<Record<string, string>>
  /** What the metric of refusals counts it under: one word of ours. Omitted: the status. */
  readonly reason?: string
}

/** A request that HTTP refuses before the protocol sees it. The message goes to the client as it is and holds nothing it sent. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly code: ErrorCode
  readonly headers: Readonly<Record<string, string>>
  readonly reason: string

  constructor(status: number, message: string, options: RefusalOptions = {}) {
    super(message)
    this.status = status
    this.code = options.code ?? errorCodes.refused
    this.headers = options.headers ?? {}
    this.reason = options.reason ?? String(status)
  }

  /** The body of the answer: a JSON-RPC error. One without an id is what MCP allows for every status of 4xx. */
  toBody(id: RequestId | null = null): string {
    return JSON.stringify({ jsonrpc: '2.0', id, error: { code: this.code, message: this.message } })
  }
}
