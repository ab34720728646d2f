import { errorCodes, ProtocolError } from './protocol-error.ts'

export interface CallBounds {
  /** Most calls of one conversation at once. */
  readonly most: number
  /** How long a call may take until its client hears something of it. */
  readonly quietSeconds: number
  /** How long it may take altogether. */
  readonly seconds: number
  /** The calls of all conversations together. */
  readonly shared: SharedCalls
}

/** A count that conversations share. */
export interface SharedCalls {
  running: number
  readonly most: number
}

/** One call while it is worked on. */
export interface RunningCall {
  /** Aborted when nobody wants the answer any more, or the call took too long. */
  readonly signal: AbortSignal
  /** To be called when the client hears something. */
  heard(): void
}

/**
 * The calls of a conversation that outlive the connection they came through, so that neither a client that leaves nor a
 * limit of that connection ends them. What is given up is answered at once; it counts until it has really ended.
 */
export class RunningCalls {
  readonly #bounds: CallBounds | undefined
  readonly #endings = new Set<(reason: string) => void>()
  #running = 0

  constructor(bounds: CallBounds | undefined) {
    this.#bounds = bounds
  }

  /** How many have not ended. */
  get size(): number {
    return this.#running
  }

  /** The outcome of a call. Throws ProtocolError where there are too many, and where it is given up before its end. */
  async run<T>(cancelled: AbortSignal, work: (call: RunningCall) => Promise<T>): Promise<T> {
    this.#begin()
    const abort = new AbortController()
    const { promise: ended, reject } = Promise.withResolvers<never>()
    const end = (reason: string): void => {
      abort.abort(new Error(reason))
      reject(new ProtocolError(errorCodes.refused, `Ended: ${reason}`))
    }
    const clock = callClock(this.#bounds, end)
    const working = work({ signal: AbortSignal.any([cancelled, abort.signal]), heard: clock.heard })
    void working.finally(() => this.#end()).catch(() => undefined)
    this.#endings.add(end)
    try {
      return await Promise.race([working, ended])
    } finally {
      clock.stop()
      this.#endings.delete(end)
    }
  }

  /** Gives up all of them. */
  giveUp(reason: string): void {
    for (const end of this.#endings) end(reason)
  }

  #begin(): void {
    const bounds = this.#bounds
    if (bounds !== undefined) {
      const { most, shared } = bounds
      if (this.#running >= most) throw tooMany(`${String(most)} calls of this session are running`)
      if (shared.running >= shared.most) throw tooMany('too many calls are running')
      bounds.shared.running++
    }
    this.#running++
  }

  #end(): void {
    this.#running--
    if (this.#bounds !== undefined) this.#bounds.shared.running--
  }
}

function tooMany(what: string): ProtocolError {
  return new ProtocolError(errorCodes.refused, `Refused: ${what}; wait for one of them, or cancel it`)
}

/** Ends a call that is quiet for too long, or that takes too long altogether. */
function callClock(
  bounds: CallBounds | undefined,
  end: (reason: string) => void
): { readonly heard: () => void; readonly stop: () => void } {
  if (bounds === undefined) return { heard: () => undefined, stop: () => undefined }
  const after = (seconds: number): NodeJS.Timeout =>
    setTimeout(() => {
      end(`the call took longer than ${String(seconds)} seconds`)
    }, seconds * 1000).unref()
  const quiet = after(bounds.quietSeconds)
  const whole = after(bounds.seconds)
  const heard = (): void => {
    clearTimeout(quiet)
  }
  return {
    heard,
    stop: () => {
      heard()
      clearTimeout(whole)
    }
  }
}
