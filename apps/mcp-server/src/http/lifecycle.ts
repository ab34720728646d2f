/** What the HTTP server knows of its own life: whether it still wants requests, and how many it is working on. */
export interface Lifecycle {
  readonly draining: boolean
  /** Requests received whose answer is not sent yet. */
  readonly inFlight: number
  /** From now on /ready says no and every answer closes its connection. */
  drain(): void
  begin(): void
  end(): void
}

export function lifecycle(): Lifecycle {
  let draining = false
  let inFlight = 0
  return {
    get draining() {
      return draining
    },
    get inFlight() {
      return inFlight
    },
    drain: () => {
      draining = true
    },
    begin: () => {
      inFlight++
    },
    end: () => {
      inFlight--
    }
  }
}
