import type { Principal } from '../principal.ts'
import { fixed, type Answer } from './method.ts'

/** What other programs change is seen after this long. Clients may keep a list for a minute. */
const keepMilliseconds = 1000
/** Pages kept for one principal. */
const maxPages = 20

interface Kept {
  readonly answer: Answer
  readonly until: number
}

/**
 * Answers that cost more to make than to keep, as JSON text: given again for a second, to the same principal alone. What
 * is changed through this server is seen at once, since then all of them are forgotten.
 */
export class RecentAnswers {
  #pages = new WeakMap<Principal, Map<string, Kept>>()
  readonly #now: () => number

  /** `now`: milliseconds on any clock. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** The answer of that name that was given a moment ago, or a new one. What fails is not kept. */
  of(principal: Principal, name: string, make: () => Promise<object>): Answer | Promise<Answer> {
    const kept = this.#pages.get(principal)?.get(name)
    return kept !== undefined && this.#now() < kept.until ? kept.answer : this.#make(principal, name, make)
  }

  /** Something was changed. An answer that is being made now may still be of before, and is not kept either. */
  forget(): void {
    this.#pages = new WeakMap()
  }

  async #make(principal: Principal, name: string, make: () => Promise<object>): Promise<Answer> {
    const pages = this.#pages
    const answer = fixed(await make())
    const own = pages.get(principal) ?? new Map<string, Kept>()
    if (own.size >= maxPages) own.clear()
    own.set(name, { answer, until: this.#now() + keepMilliseconds })
    pages.set(principal, own)
    return answer
  }
}
