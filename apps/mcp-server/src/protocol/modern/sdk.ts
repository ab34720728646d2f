import {
  createMcpHandler,
  Server,
  type McpHttpHandler,
  type ServerContext
} from '@modelcontextprotocol/server'
import type { LoggingLevel } from '@modelcontextprotocol/sdk/types.js'
import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import type { Logger } from '../../logger.ts'
import { call, type Called, type CallRecord } from '../call.ts'
import { logMessage, progressMessage, type Notification } from '../client-messages.ts'
import { kindOfDisturbance } from '../disturbance.ts'
import type { RawRequest } from '../message.ts'
import type { CallContext, Method } from '../method.ts'
import type { Introduction } from './introduction.ts'
import { cacheHints } from './result.ts'

export interface ModernSdkOptions {
  readonly methods: ReadonlyMap<string, Method>
  readonly introduction: Introduction
  readonly log: Logger
  /** Aborted when the server begins to stop: subscriptions end then, as the protocol has it. */
  readonly stopping: AbortSignal
}

/** A message for the SDK's handler, and what the door knows of it. */
export interface ModernExchange {
  readonly headers: IncomingHttpHeaders
  /** The parsed body. */
  readonly value: unknown
  readonly context: CallContext
  /** It asks for a stream that lasts. */
  readonly subscribes: boolean
  /** Log messages that the client asks for. */
  readonly level: LoggingLevel | undefined
  /** What the direct door called already: it is not called again. */
  readonly called: Called | undefined
  /** Told what the log says of it, once it is known. */
  readonly onRecord: (record: CallRecord) => void
}

/** Methods of the newest revision that this server may have; server/discover and subscriptions/listen are the SDK's own. */
const modernMethods = [
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'prompts/list',
  'prompts/get',
  'completion/complete'
]

/** What concerns the protocol; other headers stay outside. */
const headerPattern = /^(?:content-type$|accept$|mcp-)/
const anyParams = { params: z.looseObject({}) }

/** The SDK's handler of the newest revision over the same methods, a server of its own for every message. */
export class ModernSdk {
  readonly #options: ModernSdkOptions
  readonly #exchanges = new WeakMap<Request, ModernExchange>()
  readonly #handler: McpHttpHandler
  /** Apart, since to end it gracefully ends all it is answering, and calls go on when the server begins to stop. */
  readonly #subscriptions: McpHttpHandler

  constructor(options: ModernSdkOptions) {
    this.#options = options
    this.#handler = this.#newHandler()
    this.#subscriptions = this.#newHandler()
    const end = (): void => {
      this.#subscriptions.close().catch((error: unknown) => {
        options.log.warn({ kind: kindOfDisturbance(error) }, 'subscriptions did not end cleanly')
      })
    }
    options.stopping.addEventListener('abort', end, { once: true })
  }

  /** The answer to a posted message. An aborted signal ends it, and the stream where it is one. */
  answer(exchange: ModernExchange): Promise<Response> {
    const headers = new Headers()
    for (const [name, value] of Object.entries(exchange.headers))
      if (typeof value === 'string' && headerPattern.test(name)) headers.set(name, value)
    const { signal } = exchange.context
    const request = new Request('http://localhost/mcp', { method: 'POST', headers, signal })
    this.#exchanges.set(request, exchange)
    const handler = exchange.subscribes ? this.#subscriptions : this.#handler
    return handler.fetch(request, { parsedBody: exchange.value })
  }

  #newHandler(): McpHttpHandler {
    return createMcpHandler(({ requestInfo }) => this.#server(requestInfo), {
      legacy: 'reject',
      onerror: (error) => {
        const kind = kindOfDisturbance(error)
        this.#options.log.debug({ kind }, 'the newest revision refused a message')
      }
    })
  }

  #server(request: Request | undefined): Server {
    const { methods, introduction } = this.#options
    const { capabilities, serverInfo, instructions } = introduction
    const exchange = request === undefined ? undefined : this.#exchanges.get(request)
    if (exchange === undefined) throw new TypeError('the SDK made a request of its own')
    const { name, version, title } = serverInfo
    const server = new Server(
      { name, version, ...(title === undefined ? {} : { title }) },
      { capabilities, cacheHints, ...(instructions === undefined ? {} : { instructions }) }
    )
    for (const method of modernMethods)
      if (methods.has(method))
        server.setRequestHandler(method, anyParams, (params, context) =>
          this.#call(exchange, { method, params: withRetry(params, context) }, context)
        )
    return server
  }

  async #call(
    exchange: ModernExchange,
    request: RawRequest,
    context: ServerContext
  ): Promise<Record<string, unknown>> {
    const called =
      exchange.called ?? (await call(this.#options.methods, request, sdkContext(exchange, request, context)))
    exchange.onRecord(called.record)
    if (called.error !== undefined) throw called.error
    return { ...called.answer.result }
  }
}

/** Params with what the SDK takes out of them for the second round of a call that needs input. */
function withRetry(params: Record<string, unknown>, { mcpReq }: ServerContext): Record<string, unknown> {
  const { inputResponses } = mcpReq
  const requestState: unknown = mcpReq.requestState()
  return {
    ...params,
    ...(inputResponses === undefined ? {} : { inputResponses }),
    ...(requestState === undefined ? {} : { requestState })
  }
}

/** The door's context, with the SDK's way to the client. */
function sdkContext(
  { context: door, level }: ModernExchange,
  request: RawRequest,
  { mcpReq }: ServerContext
): CallContext {
  const tell = (notification: Notification | undefined): void => {
    if (notification === undefined) return
    const { method, params } = notification
    mcpReq.notify({ method, params: { ...params } }).catch((error: unknown) => {
      door.log.debug({ kind: kindOfDisturbance(error) }, 'a client could not be told')
    })
  }
  return {
    signal: mcpReq.signal,
    log: door.log,
    principal: door.principal,
    filter: door.filter,
    session: undefined,
    progress: (done, total, message) => {
      tell(progressMessage(request, done, total, message))
    },
    notify: (wanted, data) => {
      tell(logMessage(level, wanted, data))
    }
  }
}
