/** Numbers from a seed, the same ones for the same seed. Source: mulberry32, public domain, by Tommy Ettinger. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number from `low` to `high`. */
  between(low: number, high: number): number {
    return low + Math.floor(this.#next() * (high - low + 1))
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.between(0, list.length - 1)] ?? list[0]
  }

  /** The same elements in another order. Source: Durstenfeld, Algorithm 235. */
  shuffle<T>(list: readonly T[]): readonly T[] {
    const shuffled = [...list]
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = this.between(0, last)
      const [a, b] = [shuffled[last], shuffled[other]]
      if (a !== undefined && b !== undefined) [shuffled[last], shuffled[other]] = [b, a]
    }
    return shuffled
  }

  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let value = this.#state
    value = Math.imul(value ^ (value >>> 15), value | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296
  }
}
