import type { Backend } from './backends/backend.ts'
import type { Identity } from './identity.ts'
import type { Registries } from './registries.ts'
import type { SearchIndexes } from './search-indexes.ts'

/** What tools work with, made once at the start. */
export interface Services {
  readonly identity: Identity
  /** Ask it with the context of the call: `await services.registries.get(uri, context)`. */
  readonly registries: Registries
  /** Each kind that is configured, once: `local`, `s3`, `stack`. */
  readonly backends: readonly Backend[]
  readonly searchIndexes: SearchIndexes
  /** Most bytes that one read returns. */
  readonly maxReadBytes: number
  /** Seconds since the start. */
  readonly uptime: () => number
}
