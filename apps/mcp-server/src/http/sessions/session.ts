import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import type { Logger } from '../../logger.ts'
import { localPrincipal } from '../../principal.ts'
import { Conversation, type ConversationOptions } from '../../protocol/conversation.ts'
import type { HttpRequest } from '../context.ts'
import { BoundedEventStore } from './event-store.ts'

export interface SessionOptions extends Omit<ConversationOptions, 'caller'> {
  readonly id: string
  /** The principal that opens it: it answers nobody else. */
  readonly principalId: string
  /** Whom it counts for; undefined: nobody in particular. */
  readonly owner: string | undefined
  /** What the log says of a request besides what it is. */
  readonly logOf: (request: HttpRequest) => Logger
  /** Longest life of a stream; the client then comes back and goes on. */
  readonly streamSeconds: number
  /** Told when the client ends the session. */
  readonly onEnd: () => void
}

const eventLimits = { maxEvents: 1000, maxCharacters: 1024 ** 2 }
/** How soon a client whose stream was ended comes back. */
const retryMilliseconds = 500

/** One client's session: a conversation of its own over a transport of its own. */
export class Session {
  readonly id: string
  readonly principalId: string
  readonly owner: string | undefined
  readonly conversation: Conversation
  readonly #transport: StreamableHTTPServerTransport
  readonly #options: SessionOptions
  /** Answers to GET, which may last for ever. */
  readonly #streams = new Set<ServerResponse>()
  #busy = 0
  #lastUsed = performance.now()

  private constructor(options: SessionOptions) {
    this.id = options.id
    this.principalId = options.principalId
    this.owner = options.owner
    this.#options = options
    this.conversation = new Conversation({ ...options, caller: undefined })
    this.#transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => options.id,
      eventStore: new BoundedEventStore(eventLimits),
      retryInterval: retryMilliseconds,
      onsessionclosed: options.onEnd
    })
  }

  /** A session whose transport waits for initialize. */
  static async open(options: SessionOptions): Promise<Session> {
    const session = new Session(options)
    await session.conversation.server.connect(session.#transport)
    return session
  }

  /** Milliseconds since the last request ended; 0 while one is open, a stream among them, or a call is running. */
  get idle(): number {
    return this.#busy > 0 || this.conversation.running > 0 ? 0 : performance.now() - this.#lastUsed
  }

  /** Hands a request to the transport, which answers it. `value` is the parsed body of a POST. */
  async handle(request: HttpRequest, value?: unknown): Promise<void> {
    const { req, res, state } = request
    for (let index = 0; index + 1 < state.headers.length; index += 2)
      res.setHeader(state.headers[index] ?? '', state.headers[index + 1] ?? '')
    res.setHeader('X-Request-Id', state.requestId)
    this.#busy++
    if (req.method === 'GET') this.#streams.add(res)
    const age = setTimeout(() => res.end(), this.#options.streamSeconds * 1000)
    age.unref()
    res.once('close', () => {
      clearTimeout(age)
      this.#busy--
      this.#streams.delete(res)
      this.#lastUsed = performance.now()
    })
    if (req.method === 'POST') acceptAll(req)
    const auth = this.conversation.introduce({
      principal: state.principal ?? localPrincipal,
      filter: state.filter,
      log: this.#options.logOf(request)
    })
    await this.#transport.handleRequest(Object.assign(req, { auth }), res, value)
  }

  /** Ends what would last, and says why; calls go on, and so do the streams that wait for their answers. */
  async drain(reason: string): Promise<void> {
    if (this.#streams.size > 0) await this.conversation.announce('notice', reason)
    this.#transport.closeStandaloneSSEStream()
    await this.conversation.settled()
    // the last answer is on its way to the stream that it ends
    await turn()
    for (const stream of this.#streams) stream.end()
  }

  /** Ends its streams and cancels what it was working on. */
  async close(): Promise<void> {
    await this.conversation.server.close()
  }
}

/** The transport wants both types named, and what came here was found to take them. It reads either list of headers. */
function acceptAll({ headers, rawHeaders }: IncomingMessage): void {
  const both = 'application/json, text/event-stream'
  headers.accept = both
  const at = rawHeaders.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'accept')
  if (at === -1) rawHeaders.push('Accept', both)
  else rawHeaders[at + 1] = both
}
