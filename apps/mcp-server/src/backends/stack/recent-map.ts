/** A map that forgets what was used longest ago once it has more than `max` entries. */
export class RecentMap<T> {
  readonly #max: number
  readonly #values = new Map<string, T>()

  constructor(max: number) {
    this.#max = max
  }

  /** Marks the value as used. */
  get(key: string): T | undefined {
    const value = this.#values.get(key)
    if (value !== undefined) {
      this.#values.delete(key)
      this.#values.set(key, value)
    }
    return value
  }

  set(key: string, value: T): void {
    this.#values.delete(key)
    this.#values.set(key, value)
    const [oldest] = this.#values.keys()
    if (this.#values.size > this.#max && oldest !== undefined) this.#values.delete(oldest)
  }

  /** Forgets the entry, if it still has that value. */
  delete(key: string, value: T): void {
    if (this.#values.get(key) === value) this.#values.delete(key)
  }

  values(): IterableIterator<T> {
    return this.#values.values()
  }
}
