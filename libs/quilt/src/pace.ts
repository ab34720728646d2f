import { setImmediate as nextTurn } from 'node:timers/promises'

/** How long work may go on without a turn of the event loop, in milliseconds. */
const longest = 5

/** Gives the event loop a turn now and then in work that goes on for long without waiting for anything. */
export class Pace {
  #since = performance.now()

  /** Whether it is time to await `rest`. */
  get isDue(): boolean {
    return performance.now() - this.#since > longest
  }

  async rest(): Promise<void> {
    await nextTurn()
    this.#since = performance.now()
  }
}
