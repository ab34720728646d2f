import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js'
import type { LoggingLevel, ServerNotification, ServerRequest } from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'
import type { Logger } from '../logger.ts'
import type { Principal } from '../principal.ts'
import type { ToolFilter } from '../tools/filter.ts'
import { call } from './call.ts'
import {
  defaultLevel,
  knownLevel,
  logMessage,
  progressMessage,
  type Notification
} from './client-messages.ts'
import { isObject, type RawRequest } from './message.ts'
import type { CallContext, ClientSession, Method } from './method.ts'
import { errorCodes, ProtocolError } from './protocol-error.ts'
import { knownRevision, newestRevision, type Revision } from './revisions.ts'

export interface ConversationOptions {
  readonly methods: ReadonlyMap<string, Method>
  readonly log: Logger
  readonly principal: Principal
  readonly filter: ToolFilter | undefined
}

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>

/** What a client must have declared to be asked for something. */
const neededCapability: ReadonlyMap<string, string> = new Map([
  ['sampling/createMessage', 'sampling'],
  ['elicitation/create', 'elicitation'],
  ['roots/list', 'roots']
])

const anyResult = z.record(z.string(), z.unknown())

/** A receiver without tasks processes a request as if it did not ask for one. Source: MCP 2025-11-25, "Tasks", capabilities. */
class TasklessServer extends Server {
  protected override assertTaskHandlerCapability(): void {
    return
  }
}

/**
 * What one client and the server say to each other over a connection that lasts, in the revisions up to 2025-11-25.
 * The SDK matches answers to requests and cancels; every method is ours. Never shared: a client has its own.
 */
export class Conversation {
  /** To be connected to the client's transport, and to no other. */
  readonly server: Server
  readonly #options: ConversationOptions
  readonly #pending = new Set<Promise<unknown>>()
  #revision: Revision = newestRevision
  #level: LoggingLevel = defaultLevel
  #declared: Readonly<Record<string, unknown>> = {}

  constructor(options: ConversationOptions) {
    this.#options = options
    // log messages are the one thing that the SDK checks a capability for
    this.server = new TasklessServer({ name: '', version: '' }, { capabilities: { logging: {} } })
    for (const method of ['initialize', 'ping', 'logging/setLevel']) this.server.removeRequestHandler(method)
    this.server.fallbackRequestHandler = (request, extra) => {
      const answer = this.#answer({ ...request }, extra)
      this.#pending.add(answer)
      void answer.catch(() => undefined).finally(() => this.#pending.delete(answer))
      return answer
    }
    this.server.onerror = (error) => {
      options.log.warn({ err: error }, 'the conversation was disturbed')
    }
  }

  /** What the client and the server agreed on; the newest before they did. */
  get revision(): Revision {
    return this.#revision
  }

  /** Resolves when every request that came has its answer. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#pending)
  }

  /** The context of a request that the SDK does not see, such as one of a batch. */
  context(request: RawRequest, signal: AbortSignal, tell: (notification: Notification) => void): CallContext {
    const { log, principal, filter } = this.#options
    const send = (notification: Notification | undefined): void => {
      if (notification !== undefined) tell(notification)
    }
    return {
      signal,
      log,
      principal,
      filter,
      session: undefined,
      progress: (done, total, message) => {
        send(progressMessage(request, done, total, message))
      },
      notify: (level, data) => {
        send(logMessage(this.#level, level, data))
      }
    }
  }

  async #answer(request: RawRequest, extra: Extra): Promise<Record<string, unknown>> {
    const started = performance.now()
    const { methods, log } = this.#options
    const tell = (notification: Notification): void => {
      const { method, params } = notification
      this.server
        .notification({ method, params: { ...params } }, { relatedRequestId: extra.requestId })
        .catch((error: unknown) => {
          log.debug({ err: error }, 'a client could not be told')
        })
    }
    const context = { ...this.context(request, extra.signal, tell), session: this.#session(extra) }
    const { record, answer, error } = await call(methods, request, context)
    log.info({ ...record, ms: Math.round((performance.now() - started) * 1000) / 1000 })
    if (error !== undefined) throw error
    this.#remember(request, answer.result)
    return { ...answer.result }
  }

  /** What a request that went well changes for those after it. */
  #remember({ method, params }: RawRequest, result: object): void {
    if (!isObject(params)) return
    if (method === 'logging/setLevel') this.#level = knownLevel(params['level']) ?? this.#level
    if (method !== 'initialize' || !('protocolVersion' in result)) return
    this.#revision = knownRevision(String(result.protocolVersion)) ?? newestRevision
    this.#declared = isObject(params['capabilities']) ? params['capabilities'] : {}
  }

  #session(extra: Extra): ClientSession {
    return {
      ask: async (method, params) => {
        const needed = neededCapability.get(method)
        if (needed === undefined || !(needed in this.#declared))
          throw new ProtocolError(errorCodes.refused, `The client did not declare that it answers ${method}`)
        return this.server.request({ method, params: { ...params } }, anyResult, {
          relatedRequestId: extra.requestId,
          signal: extra.signal
        })
      },
      release: () => {
        extra.closeSSEStream?.()
      }
    }
  }
}
