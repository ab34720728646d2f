import { setImmediate as nextTurn } from 'node:timers/promises'

/** How long work may go on without a turn of the event loop, in milliseconds. */
const longest = 5

/**
 * Gives the event loop a turn now and then in work that goes on for long without waiting for anything. Pieces of work
 * that go on at the same time may share one: together they take no longer between two turns.
 */
export class Pace {
  #since = performance.now()
  #turn: Promise<void> | undefined

  /** Whether it is time to await `rest`. */
  get isDue(): boolean {
    return performance.now() - this.#since > longest
  }

  async rest(): Promise<void> {
    // who waited for the same turn may have used up the time after it
    do await (this.#turn ??= this.#nextTurn())
    while (this.isDue)
  }

  async #nextTurn(): Promise<void> {
    await nextTurn()
    this.#since = performance.now()
    this.#turn = undefined
  }
}
