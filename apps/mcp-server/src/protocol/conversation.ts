import type { AuthInfo } from '@modelcontextprotocol/sdk/server/auth/types.js'
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js'
import type { LoggingLevel, ServerNotification, ServerRequest } from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'
import type { Logger } from '../logger.ts'
import type { Principal } from '../principal.ts'
import type { ToolFilter } from '../tools/filter.ts'
import { call, failed, type Called } from './call.ts'
import {
  defaultLevel,
  knownLevel,
  logMessage,
  progressMessage,
  type Notification
} from './client-messages.ts'
import { kindOfDisturbance } from './disturbance.ts'
import { isObject, type RawRequest } from './message.ts'
import type { CallContext, ClientSession, Method } from './method.ts'
import { errorCodes, ProtocolError } from './protocol-error.ts'
import { knownRevision, newestRevision, type Revision } from './revisions.ts'
import { RunningCalls, type CallBounds, type RunningCall } from './running-calls.ts'

/** Who sends a request. Over HTTP it is said anew with each: tokens are renewed, and headers narrow one request. */
export interface Caller {
  readonly principal: Principal
  readonly filter: ToolFilter | undefined
  readonly log: Logger
}

export interface ConversationOptions {
  readonly methods: ReadonlyMap<string, Method>
  readonly log: Logger
  /** Who sends everything; undefined where the transport brings what `introduce` gave with each request. */
  readonly caller: Caller | undefined
  /** Undefined: the client is on this machine, and has it for itself. */
  readonly bounds: CallBounds | undefined
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
  readonly #running: RunningCalls
  readonly #callers = new WeakMap<AuthInfo, Caller>()
  #revision: Revision | undefined
  #level: LoggingLevel = defaultLevel
  #declared: Readonly<Record<string, unknown>> = {}

  constructor(options: ConversationOptions) {
    this.#options = options
    this.#running = new RunningCalls(options.bounds)
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
      options.log.warn({ kind: kindOfDisturbance(error) }, 'the conversation was disturbed')
    }
  }

  /** What the client and the server agreed on; the newest before they did. */
  get revision(): Revision {
    return this.#revision ?? newestRevision
  }

  /** Whether the client and the server agreed on a revision. */
  get agreed(): boolean {
    return this.#revision !== undefined
  }

  /** Calls that have not ended. */
  get running(): number {
    return this.#running.size
  }

  /** What a transport has to bring as the sender of a request, so that it is answered as that caller's. Holds no secret. */
  introduce(caller: Caller): AuthInfo {
    const introduction = { token: '', clientId: '', scopes: [] }
    this.#callers.set(introduction, caller)
    return introduction
  }

  /** Answers every call with the reason why it has no result. */
  giveUp(reason: string): void {
    this.#running.giveUp(reason)
  }

  /** Says something on the stream that belongs to no call, where there is one. */
  async announce(level: LoggingLevel, data: string): Promise<void> {
    const notification = logMessage(this.#level, level, data)
    if (notification === undefined) return
    const { method, params } = notification
    await this.server.notification({ method, params: { ...params } })
  }

  /** Resolves when every request that came has its answer. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#pending)
  }

  /** The context of a request that the SDK does not see, such as one of a batch. */
  context(
    request: RawRequest,
    { log, principal, filter }: Caller,
    signal: AbortSignal,
    tell: (notification: Notification) => void
  ): CallContext {
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
    const caller = this.#callerOf(extra)
    const { record, answer, error } = await this.#call(request, caller, extra)
    caller.log.info({ ...record, ms: Math.round((performance.now() - started) * 1000) / 1000 })
    if (error !== undefined) throw error
    this.#remember(request, answer.result)
    return { ...answer.result }
  }

  async #call(request: RawRequest, caller: Caller, extra: Extra): Promise<Called> {
    const { methods } = this.#options
    try {
      return await this.#running.run(extra.signal, (running) => {
        const tell = (notification: Notification): void => {
          running.heard()
          this.#tell(notification, caller, extra)
        }
        const context = this.context(request, caller, running.signal, tell)
        return call(methods, request, { ...context, session: this.#session(extra, running) })
      })
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      return failed(methods.has(request.method) ? request.method : 'unknown', error)
    }
  }

  #tell({ method, params }: Notification, { log }: Caller, { requestId }: Extra): void {
    this.server
      .notification({ method, params: { ...params } }, { relatedRequestId: requestId })
      .catch((error: unknown) => {
        log.debug({ kind: kindOfDisturbance(error) }, 'a client could not be told')
      })
  }

  #callerOf({ authInfo }: Extra): Caller {
    const { caller } = this.#options
    const found = caller ?? (authInfo === undefined ? undefined : this.#callers.get(authInfo))
    if (found === undefined) throw new TypeError('a request came without its sender')
    return found
  }

  /** What a request that went well changes for those after it. */
  #remember({ method, params }: RawRequest, result: object): void {
    if (!isObject(params)) return
    if (method === 'logging/setLevel') this.#level = knownLevel(params['level']) ?? this.#level
    if (method !== 'initialize' || !('protocolVersion' in result)) return
    this.#revision = knownRevision(String(result.protocolVersion)) ?? newestRevision
    this.#declared = isObject(params['capabilities']) ? params['capabilities'] : {}
  }

  #session(extra: Extra, running: RunningCall): ClientSession {
    return {
      ask: async (method, params) => {
        running.heard()
        const needed = neededCapability.get(method)
        if (needed === undefined || !(needed in this.#declared))
          throw new ProtocolError(errorCodes.refused, `The client did not declare that it answers ${method}`)
        return this.server.request({ method, params: { ...params } }, anyResult, {
          relatedRequestId: extra.requestId,
          signal: running.signal
        })
      },
      release: () => {
        extra.closeSSEStream?.()
      }
    }
  }
}
