import { SearchIndex, WorkerPool } from '@fast-mcp/quilt'
import type { Principal } from './principal.ts'
import type { ServedRegistry } from './registries.ts'

/** Indexes of registries that have no search of their own, made when they are first asked for. */
export interface SearchIndexes {
  /** The index of a registry as its backend shows it to a principal. */
  of(registry: ServedRegistry, principal: Principal): SearchIndex
  /** Ends the threads. Nothing can be searched afterwards. */
  close(): Promise<void>
}

/**
 * With a stack every principal has an index of its own, since not all may read the same. An index lives as long as the
 * registry that it reads with: one that was opened with a newer token gets another, over the same file.
 */
export function searchIndexes(): SearchIndexes {
  const indexes = new WeakMap<ServedRegistry, SearchIndex>()
  let workers: WorkerPool | undefined
  return {
    of: (registry, principal) => {
      const known = indexes.get(registry)
      if (known !== undefined) return known
      const audience = registry.backend.name === 'stack' ? principal.id : ''
      const made = new SearchIndex(registry, { audience, workers: (workers ??= new WorkerPool()) })
      indexes.set(registry, made)
      return made
    },
    close: async () => {
      await workers?.close()
    }
  }
}
