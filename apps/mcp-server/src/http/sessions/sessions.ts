import { isInitializeRequest, JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js'
import { randomUUID } from 'node:crypto'
import type { Logger } from '../../logger.ts'
import { localPrincipal } from '../../principal.ts'
import { kindOfDisturbance } from '../../protocol/disturbance.ts'
import { answerDirectly } from '../../protocol/direct.ts'
import type { Method } from '../../protocol/method.ts'
import type { SharedCalls } from '../../protocol/running-calls.ts'
import type { HttpRequest } from '../context.ts'
import type { Exchange } from '../exchange.ts'
import { principalHashes } from '../hash-principal.ts'
import type { Lifecycle } from '../lifecycle.ts'
import type { OpenStreams } from '../limits/open-streams.ts'
import { ownerOf } from '../limits/owner.ts'
import { requestRevision, takesStreams } from '../negotiation.ts'
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
  readonly callTimeoutSeconds: number
  readonly maxConcurrentRequests: number
  readonly proxyHops: number
  readonly streams: OpenStreams
}

/** Most calls of one session at once: as many as a batch may have. */
const maxCalls = 50
/** The part of all sessions that one principal, or one address where nobody says who they are, may have. */
const shareOfOne = 1 / 4
const stopping = 'the server is stopping'
const sweepMilliseconds = 1000
const reasonsForSession = ['sampling', 'elicitation', 'roots']

/**
 * The sessions of this process, in the revisions up to 2025-11-25. Source: MCP 2025-11-25, "Transports", session
 * management.
 */
export class Sessions {
  readonly #options: SessionsOptions
  readonly #sessions = new Map<string, Session>()
  readonly #calls: SharedCalls
  readonly #hashOf = principalHashes()
  readonly #sweep: NodeJS.Timeout

  constructor(options: SessionsOptions) {
    this.#options = options
    this.#calls = { running: 0, most: options.maxConcurrentRequests }
    this.#sweep = setInterval(() => {
      this.#endIdle()
    }, sweepMilliseconds)
    this.#sweep.unref()
    const { stopping: begins, overdue } = options.lifecycle
    begins.addEventListener('abort', () => this.#drain(), { once: true })
    overdue.addEventListener('abort', () => this.#giveUp(), { once: true })
  }

  /** How many there are now. */
  get size(): number {
    return this.#sessions.size
  }

  /** Calls that have not ended, whether or not their clients are there. */
  get running(): number {
    return this.#calls.running
  }

  /** Handles a posted value where it belongs to a session or begins one; else false. Throws Refusal 404 for a session that is not there, 503 where there is no room or the server is stopping. */
  async post(request: HttpRequest, exchange: Exchange, value: unknown): Promise<boolean> {
    if (request.req.headers['mcp-session-id'] !== undefined) {
      const session = this.#find(request)
      if (this.#options.lifecycle.draining && asks(value)) throw new Refusal(503, 'The server is stopping')
      if (takesStreams(request.req.headers) && JSONRPCMessageSchema.safeParse(value).success)
        await pass(request, session, value)
      else await this.#answerStrange(session, exchange, value)
      return true
    }
    if (!takesStreams(request.req.headers) || !this.#begins(value)) return false
    const session = await this.#open(request)
    // whatever went wrong, or whoever left: a session that nobody was told of would be nobody's
    request.res.once('close', () => {
      if (!session.conversation.agreed) this.#endQuietly(session)
    })
    await pass(request, session, value)
    return true
  }

  /** GET and DELETE of a session: its stream, and its end. */
  async handle(request: HttpRequest): Promise<void> {
    const { method, headers } = request.req
    const session = this.#find(request)
    requestRevision(headers)
    if (this.#options.lifecycle.draining && method === 'GET') {
      // a client that comes back for an answer still gets it, and no more
      if (headers['last-event-id'] === undefined) throw new Refusal(503, 'The server is stopping')
      setImmediate(() => this.#drainOne(session))
    }
    if (method === 'GET') this.#options.streams.admit(request)
    await pass(request, session)
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    clearInterval(this.#sweep)
    const sessions = [...this.#sessions.values()]
    this.#sessions.clear()
    const ends = await Promise.allSettled(sessions.map((session) => session.close()))
    for (const end of ends) if (end.status === 'rejected') this.#unclean(end.reason)
  }

  /** What began goes on, and what would last for ever ends. */
  #drain(): void {
    for (const session of this.#sessions.values()) this.#drainOne(session)
  }

  #drainOne(session: Session): void {
    session.drain(stopping).catch((error: unknown) => {
      this.#unclean(error)
    })
  }

  #giveUp(): void {
    for (const { conversation } of this.#sessions.values()) conversation.giveUp(stopping)
  }

  /** Answers what the SDK would not take, a batch among it, and whoever takes no streams, as every door does. */
  async #answerStrange({ conversation }: Session, exchange: Exchange, value: unknown): Promise<void> {
    const reply = await answerDirectly(this.#options.methods, value, conversation.revision, (request) =>
      conversation.context(request, exchange, exchange.signal, (notification) => {
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

  async #open(request: HttpRequest): Promise<Session> {
    const { methods, log, lifecycle, streamSeconds, callTimeoutSeconds } = this.#options
    if (lifecycle.draining) throw new Refusal(503, 'The server is stopping')
    const principal = request.state.principal ?? localPrincipal
    const owner = ownerOf(request.req, principal, this.#options.proxyHops)
    this.#makeRoom(owner)
    const id = randomUUID()
    const ofSession = log.child({ session: id.slice(0, 8) })
    const session = await Session.open({
      id,
      methods,
      log: ofSession,
      logOf: ({ state }) =>
        ofSession.child({
          requestId: state.requestId,
          principal: this.#hashOf(state.principal ?? principal)
        }),
      principalId: principal.id,
      owner,
      bounds: {
        most: maxCalls,
        quietSeconds: callTimeoutSeconds,
        seconds: streamSeconds,
        shared: this.#calls
      },
      streamSeconds,
      onEnd: () => this.#sessions.delete(id)
    })
    this.#sessions.set(id, session)
    return session
  }

  /** Whoever has their share makes room among their own, so that nobody can end the sessions of all others. */
  #makeRoom(owner: string | undefined): void {
    const { maxSessions } = this.#options
    const all = [...this.#sessions.values()]
    const own = owner === undefined ? [] : all.filter((session) => session.owner === owner)
    if (own.length >= Math.max(1, maxSessions * shareOfOne)) this.#endQuietly(longestIdle(own))
    else if (all.length >= maxSessions) this.#endQuietly(longestIdle(all))
  }

  #endIdle(): void {
    for (const session of this.#sessions.values())
      if (session.idle > this.#options.sessionIdleSeconds * 1000) this.#endQuietly(session)
  }

  #endQuietly(session: Session): void {
    this.#sessions.delete(session.id)
    session.close().catch((error: unknown) => {
      this.#unclean(error)
    })
  }

  #unclean(error: unknown): void {
    this.#options.log.warn({ kind: kindOfDisturbance(error) }, 'a session did not end cleanly')
  }
}

/** Throws Refusal 503 where all are in use. */
function longestIdle(sessions: readonly Session[]): Session {
  let oldest: Session | undefined
  for (const session of sessions) if (session.idle > (oldest?.idle ?? 0)) oldest = session
  if (oldest === undefined)
    throw new Refusal(503, 'All sessions are in use', { headers: { 'Retry-After': '5' } })
  return oldest
}

/** Whether a posted value wants an answer. What only answers or tells is still wanted by calls that are running. */
function asks(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(asks)
  return typeof value === 'object' && value !== null && 'method' in value && 'id' in value
}

async function pass(request: HttpRequest, session: Session, value?: unknown): Promise<void> {
  request.respond = false
  request.state.call = { method: 'session', outcome: 'ok' }
  await session.handle(request, value)
}
