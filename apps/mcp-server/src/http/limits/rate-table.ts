export interface RateTable {
  /** Takes one request of a key. Returns 0 where it may pass, else after how many whole seconds the next one may. */
  take(key: string, now: number): number
  /** Keys remembered now. */
  readonly size: number
}

export interface RateTableOptions {
  /** Requests per second over time; twice as many may come at once. */
  readonly perSecond: number
  /** Most keys that are remembered; beyond them the one not seen for longest is forgotten. */
  readonly max: number
}

interface Bucket {
  tokens: number
  /** Milliseconds, on the clock of `now`. */
  filled: number
}

/** One bucket of tokens for each key, filled over time and emptied by requests. Memory is bounded by `max`, whoever calls. */
export function rateTable({ perSecond, max }: RateTableOptions): RateTable {
  const capacity = perSecond * 2
  // Two generations: a key that is used moves to the young one; when that is full it becomes the old one.
  let young = new Map<string, Bucket>()
  let old = new Map<string, Bucket>()

  const bucketOf = (key: string, now: number): Bucket => {
    const found = young.get(key)
    if (found !== undefined) return found
    const bucket = old.get(key) ?? { tokens: capacity, filled: now }
    old.delete(key)
    if (young.size >= max / 2) {
      old = young
      young = new Map()
    }
    young.set(key, bucket)
    return bucket
  }

  return {
    take: (key, now) => {
      const bucket = bucketOf(key, now)
      bucket.tokens = Math.min(capacity, bucket.tokens + ((now - bucket.filled) / 1000) * perSecond)
      bucket.filled = now
      if (bucket.tokens >= 1) {
        bucket.tokens--
        return 0
      }
      return Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond))
    },
    get size() {
      return young.size + old.size
    }
  }
}
