import type { LoggingLevel } from '@modelcontextprotocol/sdk/types.js'
import type { Logger } from '../logger.ts'
import { localPrincipal, type Principal } from '../principal.ts'
import { defaultLevel, modernLevel, type Notification } from '../protocol/client-messages.ts'
import { errorText, type Reply } from '../protocol/direct.ts'
import { isId, type RawRequest } from '../protocol/message.ts'
import type { CallContext } from '../protocol/method.ts'
import { errorCodes, ProtocolError } from '../protocol/protocol-error.ts'
import type { ToolFilter } from '../tools/filter.ts'
import type { HttpRequest } from './context.ts'
import { EventStream } from './event-stream.ts'
import { ExchangeCall } from './exchange-call.ts'
import type { Lifecycle } from './lifecycle.ts'

export interface ExchangeOptions {
  readonly log: Logger
  readonly lifecycle: Lifecycle
  /** Longest life of a stream. */
  readonly streamSeconds: number
}

/** The last of them is followed by its value. */
const jsonHeaders = ['Content-Type', 'application/json', 'Content-Length']

/**
 * One posted message and its answer, without a session: JSON, or a stream from the moment there is something to tell
 * before it. Whoever goes away cancels, in every revision: an answer that is not sent here is never sent, and no other
 * message could reach the call to cancel it.
 */
export class Exchange {
  readonly #request: HttpRequest
  readonly #options: ExchangeOptions
  /** A client that does not say it reads streams, as curl, gets the answer alone. */
  readonly #streams: boolean
  #stream: EventStream | undefined
  #abort: AbortController | undefined
  #log: Logger | undefined

  constructor(request: HttpRequest, options: ExchangeOptions) {
    this.#request = request
    this.#options = options
    this.#streams = request.req.headers.accept?.includes('text/event-stream') === true
  }

  /** The context of a request up to 2025-11-25. Without a session the level of log messages is the server's choice. */
  readonly contextOf = (request: RawRequest): CallContext => this.#context(request, defaultLevel)

  /** The context of a request of the newest revision, which says itself what it wants to be told. */
  readonly modernContextOf = (request: RawRequest): CallContext =>
    this.#context(request, modernLevel(request))

  /** Aborted when the client goes away, the time for the call is over, or the server stops. */
  get signal(): AbortSignal {
    if (this.#abort !== undefined) return this.#abort.signal
    const abort = new AbortController()
    this.#abort = abort
    const { res, state } = this.#request
    const gone = (): void => {
      if (!res.writableFinished) abort.abort(new Error('the client went away'))
    }
    if (res.destroyed) gone()
    else res.once('close', gone)
    state.inFlight.abort = (reason) => {
      abort.abort(reason)
      this.#endStream(reason.message)
    }
    return abort.signal
  }

  get log(): Logger {
    return (this.#log ??= this.#options.log.child({ requestId: this.#request.state.requestId }))
  }

  get principal(): Principal {
    return this.#request.state.principal ?? localPrincipal
  }

  get filter(): ToolFilter | undefined {
    return this.#request.state.filter
  }

  /** Sends a notification, for which the answer becomes a stream. */
  tell(notification: Notification | undefined): void {
    const { res } = this.#request
    if (notification === undefined || !this.#streams || res.writableEnded || res.destroyed) return
    if (this.#stream === undefined && res.headersSent) return
    const { method, params } = notification
    this.#open().send(JSON.stringify({ jsonrpc: '2.0', method, params }))
  }

  /** Sends the answer, and with it the end, unless the request was given up before. */
  finish({ status, body, bytes, record }: Reply): void {
    const { res, state } = this.#request
    state.call = record
    this.#passKoa()
    if (res.writableEnded || res.destroyed) return
    if (this.#stream !== undefined) {
      this.#stream.end(body)
      return
    }
    if (res.headersSent) return
    // Node then answers with Connection: close.
    if (this.#options.lifecycle.draining) res.shouldKeepAlive = false
    const { headers, requestId } = state
    if (body === undefined) {
      res.writeHead(status, [...headers, 'X-Request-Id', requestId]).end()
      return
    }
    const length = bytes ?? Buffer.byteLength(body)
    res
      .writeHead(status, [...jsonHeaders, String(length), ...headers, 'X-Request-Id', requestId])
      // the text goes out in one piece with the head; where it is ASCII, nothing is left to encode
      .end(body, length === body.length ? 'latin1' : 'utf8')
  }

  /** Passes on a stream that somebody else writes, until it ends or has lived too long. */
  async passOn(events: ReadableStream<Uint8Array>): Promise<void> {
    const { res } = this.#request
    const { signal } = this
    const stream = this.#open()
    try {
      for await (const chunk of events) {
        if (signal.aborted || res.destroyed) break
        if (!res.write(chunk)) await drained(res)
      }
    } finally {
      stream.end()
    }
  }

  #context(request: RawRequest, level: LoggingLevel | undefined): CallContext {
    const { inFlight } = this.#request.state
    const id = isId(request['id']) ? request['id'] : null
    // the second message of a batch makes the answer one to several
    inFlight.id = inFlight.id === undefined || inFlight.id === id ? id : null
    return new ExchangeCall(this, request, level)
  }

  /** Nothing that koa does for a body is left to do, and it would take longer than the call. */
  #passKoa(): void {
    this.#request.respond = false
  }

  #open(): EventStream {
    this.#passKoa()
    return (this.#stream ??= new EventStream(this.#request.res, {
      headers: this.#headers(),
      maxSeconds: this.#options.streamSeconds,
      onOld: () => {
        const message = `the stream was open for ${String(this.#options.streamSeconds)} seconds, the longest it may be`
        this.#abort?.abort(new Error(message))
        this.#endStream(message)
      }
    }))
  }

  /** Ends a stream before its time, with the reason as the answer. */
  #endStream(reason: string): void {
    if (this.#stream === undefined || this.#request.res.writableEnded) return
    const { id = null } = this.#request.state.inFlight
    this.#stream.end(errorText(id, new ProtocolError(errorCodes.refused, `Ended: ${reason}`)))
  }

  #headers(): string[] {
    const { headers, requestId } = this.#request.state
    return [...headers, 'X-Request-Id', requestId]
  }
}

function drained(response: HttpRequest['res']): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.once('drain', done).once('close', done)
  })
}
