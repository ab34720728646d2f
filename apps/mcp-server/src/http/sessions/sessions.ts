import { isInitializeRequest, JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js'
import { randomUUID } from 'node:crypto'
import type { Logger } from '../../logger.ts'
import { localPrincipal } from '../../principal.ts'
import { answerDirectly } from '../../protocol/direct.ts'
import type { Method } from '../../protocol/method.ts'
import type { HttpRequest } from '../context.ts'
import type { Exchange } from '../exchange.ts'
import type { Lifecycle } from '../lifecycle.ts'
import { Refusal } from '../refusal.ts'
import { Session } from './session.ts'

export interface SessionsOptions {
  readonly methods: ReadonlyMap<string, Method>
  readonly log: Logger
  readonly lifecycle: Lifecycle
  /** `auto`: only clients that declare that the server may ask them something get one. */
  readonly sessionMode: 'auto' | 'on'
  /** Most sessions at once. Beyond them the one that is idle longest makes room. */
  readonly maxSessions: number
  /** How long nothing may happen in a session before it ends. */
  readonly sessionIdleSeconds: number
  readonly streamSeconds: number
}

const sweepMilliseconds = 1000
const reasonsForSession = ['sampling', 'elicitation', 'roots']

/**
 * The sessions of this process, in the revisions up to 2025-11-25. Source: MCP 2025-11-25, "Transports", session
 * management.
 */
export class Sessions {
  readonly #options: SessionsOptions
  readonly #sessions = new Map<string, Session>()
  readonly #sweep: NodeJS.Timeout

  constructor(options: SessionsOptions) {
    this.#options = options
    this.#sweep = setInterval(() => {
      this.#endIdle()
    }, sweepMilliseconds)
    this.#sweep.unref()
    options.lifecycle.stopping.addEventListener('abort', () => void this.close(), { once: true })
  }

  /** How many there are now. */
  get size(): number {
    return this.#sessions.size
  }

  /** Handles a posted value where it belongs to a session or begins one; else false. Throws Refusal 404 for a session that is not there, 503 where there is no room. */
  async post(request: HttpRequest, exchange: Exchange, value: unknown): Promise<boolean> {
    if (request.req.headers['mcp-session-id'] !== undefined) {
      const session = this.#find(request)
      if (JSONRPCMessageSchema.safeParse(value).success) await pass(request, session, value)
      else await this.#answerStrange(session, exchange, value)
      return true
    }
    if (!this.#begins(value)) return false
    await pass(request, await this.#open(request), value)
    return true
  }

  /** GET and DELETE of a session: its stream, and its end. */
  async handle(request: HttpRequest): Promise<void> {
    await pass(request, this.#find(request))
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    clearInterval(this.#sweep)
    const sessions = [...this.#sessions.values()]
    this.#sessions.clear()
    await Promise.all(sessions.map((session) => session.close()))
  }

  /** Answers what the SDK would not take, a batch among it, as every door does. */
  async #answerStrange({ conversation }: Session, exchange: Exchange, value: unknown): Promise<void> {
    const reply = await answerDirectly(this.#options.methods, value, conversation.revision, (request) =>
      conversation.context(request, exchange.signal, (notification) => {
        exchange.tell(notification)
      })
    )
    exchange.finish(reply)
  }

  /** A session of another principal is as unknown as one that never was. */
  #find({ req, state }: HttpRequest): Session {
    const id = req.headers['mcp-session-id']
    const session = typeof id === 'string' ? this.#sessions.get(id) : undefined
    if (session === undefined || session.principalId !== (state.principal ?? localPrincipal).id)
      throw new Refusal(404, 'There is no such session; initialize again')
    return session
  }

  #begins(value: unknown): boolean {
    if (!isInitializeRequest(value)) return false
    return (
      this.#options.sessionMode === 'on' ||
      reasonsForSession.some((name) => name in value.params.capabilities)
    )
  }

  async #open({ state }: HttpRequest): Promise<Session> {
    const { methods, log, maxSessions, lifecycle } = this.#options
    if (lifecycle.draining) throw new Refusal(503, 'The server is stopping')
    if (this.#sessions.size >= maxSessions) await this.#makeRoom()
    const id = randomUUID()
    const session = await Session.open({
      id,
      methods,
      log: log.child({ session: id.slice(0, 8) }),
      principal: state.principal ?? localPrincipal,
      filter: state.filter,
      streamSeconds: this.#options.streamSeconds,
      onEnd: () => this.#sessions.delete(id)
    })
    this.#sessions.set(id, session)
    return session
  }

  async #makeRoom(): Promise<void> {
    let oldest: Session | undefined
    for (const session of this.#sessions.values()) if (session.idle > (oldest?.idle ?? 0)) oldest = session
    if (oldest === undefined)
      throw new Refusal(503, 'All sessions are in use', { headers: { 'Retry-After': '5' } })
    await this.#end(oldest)
  }

  #endIdle(): void {
    for (const session of this.#sessions.values())
      if (session.idle > this.#options.sessionIdleSeconds * 1000)
        this.#end(session).catch((error: unknown) => {
          this.#options.log.warn({ err: error }, 'a session did not end cleanly')
        })
  }

  async #end(session: Session): Promise<void> {
    this.#sessions.delete(session.id)
    await session.close()
  }
}

async function pass(request: HttpRequest, session: Session, value?: unknown): Promise<void> {
  request.respond = false
  request.state.call = { method: 'session', outcome: 'ok' }
  await session.handle(request, value)
}
