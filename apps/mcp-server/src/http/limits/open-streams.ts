import { localPrincipal } from '../../principal.ts'
import type { HttpRequest } from '../context.ts'
import { Refusal } from '../refusal.ts'
import { ownerOf } from './owner.ts'

export interface OpenStreamsOptions {
  readonly maxConcurrentRequests: number
  readonly proxyHops: number
}

/** The part of all requests at once that may be streams, and the part that those of one principal or address may be. */
const shareOfAll = 3 / 4
const shareOfOne = 1 / 4

/** The streams that last as long as their clients like: bounded apart, so that they leave room for requests that end. */
export class OpenStreams {
  readonly #hops: number
  readonly #most: number
  readonly #mostOfOne: number
  readonly #byOwner = new Map<string, number>()
  #open = 0

  constructor({ maxConcurrentRequests, proxyHops }: OpenStreamsOptions) {
    this.#hops = proxyHops
    this.#most = Math.max(1, Math.floor(maxConcurrentRequests * shareOfAll))
    this.#mostOfOne = Math.max(1, Math.floor(maxConcurrentRequests * shareOfOne))
  }

  /** How many there are now. */
  get size(): number {
    return this.#open
  }

  /** Counts a stream until it is closed. Throws Refusal 429 where its owner has too many, 503 where all have. */
  admit({ req, res, state }: HttpRequest): void {
    const owner = ownerOf(req, state.principal ?? localPrincipal, this.#hops)
    const own = owner === undefined ? 0 : (this.#byOwner.get(owner) ?? 0)
    if (own >= this.#mostOfOne) throw tooMany(429)
    if (this.#open >= this.#most) throw tooMany(503)
    this.#open++
    if (owner !== undefined) this.#byOwner.set(owner, own + 1)
    res.once('close', () => {
      this.#open--
      if (owner !== undefined) this.#forget(owner)
    })
  }

  #forget(owner: string): void {
    const own = this.#byOwner.get(owner) ?? 0
    if (own > 1) this.#byOwner.set(owner, own - 1)
    else this.#byOwner.delete(owner)
  }
}

function tooMany(status: 429 | 503): Refusal {
  return new Refusal(status, 'Too many streams at once; end one of them', {
    headers: { 'Retry-After': '5' },
    reason: 'streams'
  })
}
