import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { Conversation, type ConversationOptions } from '../../protocol/conversation.ts'
import type { HttpRequest } from '../context.ts'
import { BoundedEventStore } from './event-store.ts'

export interface SessionOptions extends ConversationOptions {
  readonly id: string
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
  /** Who opened it: it answers nobody else. */
  readonly principalId: string
  readonly conversation: Conversation
  readonly #transport: StreamableHTTPServerTransport
  readonly #streamSeconds: number
  #busy = 0
  #lastUsed = performance.now()

  private constructor(options: SessionOptions) {
    this.id = options.id
    this.principalId = options.principal.id
    this.#streamSeconds = options.streamSeconds
    this.conversation = new Conversation(options)
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

  /** Milliseconds since the last request ended; 0 while one is open, a stream among them. */
  get idle(): number {
    return this.#busy > 0 ? 0 : performance.now() - this.#lastUsed
  }

  /** Hands a request to the transport, which answers it. `value` is the parsed body of a POST. */
  async handle({ req, res, state }: HttpRequest, value?: unknown): Promise<void> {
    for (let index = 0; index + 1 < state.headers.length; index += 2)
      res.setHeader(state.headers[index] ?? '', state.headers[index + 1] ?? '')
    res.setHeader('X-Request-Id', state.requestId)
    this.#busy++
    const age = setTimeout(() => res.end(), this.#streamSeconds * 1000)
    age.unref()
    res.once('close', () => {
      clearTimeout(age)
      this.#busy--
      this.#lastUsed = performance.now()
    })
    await this.#transport.handleRequest(req, res, value)
  }

  /** Ends its streams and cancels what it was working on. */
  async close(): Promise<void> {
    await this.conversation.server.close()
  }
}
