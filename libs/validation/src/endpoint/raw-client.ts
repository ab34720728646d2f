import { shorten } from './evidence.ts'
import type { HttpFetch } from './http-fetch.ts'
import { messageIn, parseResponse, type JsonRpcResponse } from './json-rpc.ts'

/** Longer than any answer may take; the latency check has the stricter bound. */
const requestLimitMs = 30_000

/** What came back for one POST, for evidence. */
export interface RawAnswer {
  readonly response: JsonRpcResponse
  readonly body: string
  /** From sending to the last byte. */
  readonly ms: number
}

/** MCP over plain HTTP, with nothing of an SDK between: what the wire really carries. */
export class RawClient {
  readonly #url: string
  readonly #fetch: HttpFetch['fetch']
  readonly #signal: AbortSignal
  #session: string | undefined
  #revision: string | undefined
  #lastId = 0

  constructor(url: string, fetch: HttpFetch['fetch'], signal: AbortSignal) {
    this.#url = url
    this.#fetch = fetch
    this.#signal = signal
  }

  /** Sends a request and checks the shape of the response. Throws an Error with status and body for a wrong one. */
  async request(method: string, params: object): Promise<RawAnswer> {
    const id = ++this.#lastId
    return this.post(JSON.stringify({ jsonrpc: '2.0', id, method, params }), id)
  }

  /** As request, for a body that may be anything; `id` is what the response must carry. */
  async post(body: string, id: number | null): Promise<RawAnswer> {
    const started = performance.now()
    const answer = await this.#send('POST', body)
    const text = await answer.text()
    const ms = performance.now() - started
    // The server names its session on the answer to initialize, and only there.
    this.#session ??= answer.headers.get('mcp-session-id') ?? undefined
    try {
      const message = messageIn(answer.headers.get('content-type') ?? '', text, id)
      return { response: parseResponse(message, id), body: text, ms }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new Error(`${reason}\nHTTP ${String(answer.status)}: ${shorten(text)}`, { cause: error })
    }
  }

  /** Tells the server that initialize was heard, in the revision it chose. Throws unless it answers 202. */
  async initialized(revision: string): Promise<void> {
    this.#revision = revision
    const answer = await this.#send(
      'POST',
      JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })
    )
    const text = await answer.text()
    if (answer.status !== 202)
      throw new Error(
        `notifications/initialized: HTTP ${String(answer.status)}, expected 202: ${shorten(text)}`
      )
  }

  /** Ends the session where the server opened one. */
  async close(): Promise<void> {
    if (this.#session === undefined) return
    const answer = await this.#send('DELETE', undefined)
    await answer.body?.cancel()
  }

  #send(method: string, body: string | undefined): Promise<Response> {
    return this.#fetch(this.#url, {
      method,
      headers: {
        accept: 'application/json, text/event-stream',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.#session === undefined ? {} : { 'mcp-session-id': this.#session }),
        ...(this.#revision === undefined ? {} : { 'mcp-protocol-version': this.#revision })
      },
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(requestLimitMs)]),
      ...(body === undefined ? {} : { body })
    })
  }
}
