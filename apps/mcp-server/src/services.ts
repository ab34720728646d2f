import type { Identity } from './identity.ts'
import type { Registries } from './registries.ts'

/** What tools work with, made once at the start. */
export interface Services {
  readonly identity: Identity
  readonly registries: Registries
  /** Most bytes that one read returns. */
  readonly maxReadBytes: number
  /** Seconds since the start. */
  readonly uptime: () => number
}
