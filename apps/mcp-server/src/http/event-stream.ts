import type { ServerResponse } from 'node:http'

/** How often a stream on which nothing happens says that it lives: proxies end those that are silent for a minute. */
const commentMilliseconds = 15_000

export interface EventStreamOptions {
  /** Headers of the answer besides the stream's own, name and value in turn. */
  readonly headers: readonly string[]
  /** Longest life of the stream. */
  readonly maxSeconds: number
  /** Told when the stream has lived that long, before it is ended. */
  readonly onOld: () => void
}

/** An answer that is a stream of server-sent events. Source: the HTML standard, "Server-sent events". */
export class EventStream {
  readonly #response: ServerResponse
  readonly #comments: NodeJS.Timeout
  readonly #age: NodeJS.Timeout

  /** Sends the head at once, so that nothing else can answer. */
  constructor(response: ServerResponse, { headers, maxSeconds, onOld }: EventStreamOptions) {
    this.#response = response
    // some proxies hold an answer back until it is complete, unless they are told
    const own = ['Content-Type', 'text/event-stream', 'X-Accel-Buffering', 'no']
    response.writeHead(200, [...own, ...headers])
    response.flushHeaders()
    this.#comments = setInterval(() => response.write(': alive\n\n'), commentMilliseconds)
    this.#age = setTimeout(onOld, maxSeconds * 1000)
    this.#comments.unref()
    this.#age.unref()
    response.once('close', () => {
      this.#stop()
    })
  }

  /** Sends one message, JSON text without line ends. */
  send(json: string): void {
    if (!this.#response.writableEnded) this.#response.write(`event: message\ndata: ${json}\n\n`)
  }

  /** Sends the last message and ends the answer. */
  end(json?: string): void {
    this.#stop()
    if (json !== undefined) this.send(json)
    this.#response.end()
  }

  #stop(): void {
    clearInterval(this.#comments)
    clearTimeout(this.#age)
  }
}
