import type { EventStore } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js'

export interface EventStoreLimits {
  /** Most messages that are kept. */
  readonly maxEvents: number
  /** Most characters of them together. */
  readonly maxCharacters: number
}

interface StoredEvent {
  readonly stream: string
  readonly message: JSONRPCMessage
  readonly size: number
}

/**
 * The messages of one session that a client may have missed, so that it can go on where its stream broke. Of what is
 * beyond the limits the oldest is forgotten; a client that asks for what comes after a forgotten one is told so.
 */
export class BoundedEventStore implements EventStore {
  readonly #limits: EventStoreLimits
  readonly #events = new Map<string, StoredEvent>()
  #characters = 0
  #count = 0

  constructor(limits: EventStoreLimits) {
    this.#limits = limits
  }

  /** How many messages are kept now. */
  get size(): number {
    return this.#events.size
  }

  storeEvent(stream: string, message: JSONRPCMessage): Promise<string> {
    const id = `e${(++this.#count).toString(36)}`
    const size = JSON.stringify(message).length
    this.#events.set(id, { stream, message, size })
    this.#characters += size
    for (const [oldest, event] of this.#events) {
      const { maxEvents, maxCharacters } = this.#limits
      if (this.#events.size <= maxEvents && this.#characters <= maxCharacters) break
      this.#events.delete(oldest)
      this.#characters -= event.size
    }
    return Promise.resolve(id)
  }

  getStreamIdForEventId(id: string): Promise<string | undefined> {
    return Promise.resolve(this.#events.get(id)?.stream)
  }

  async replayEventsAfter(
    lastId: string,
    { send }: { send: (id: string, message: JSONRPCMessage) => Promise<void> }
  ): Promise<string> {
    const last = this.#events.get(lastId)
    if (last === undefined) throw new RangeError('that event is not kept')
    let isAfter = false
    for (const [id, { stream, message }] of this.#events) {
      // a message without content only says where a stream began
      if (isAfter && stream === last.stream && Object.keys(message).length > 0) await send(id, message)
      if (id === lastId) isAfter = true
    }
    return last.stream
  }
}
