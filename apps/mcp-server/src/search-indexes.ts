import { SearchIndex } from '@fast-mcp/quilt'
import type { Principal } from './principal.ts'
import type { ServedRegistry } from './registries.ts'
import type { SharedMeans } from './shared-means.ts'

/** Indexes of registries that have no search of their own, made when they are first asked for. */
export interface SearchIndexes {
  /** The index of a registry as its backend shows it to a principal. */
  of(registry: ServedRegistry, principal: Principal): SearchIndex
}

/**
 * With a stack every principal has an index of its own, since not all may read the same. An index is held as long as the
 * registry that it reads with, so there are never more of them than open registries; one that was opened with a newer
 * token gets another, over the same file.
 */
export function searchIndexes(means: SharedMeans): SearchIndexes {
  const indexes = new WeakMap<ServedRegistry, SearchIndex>()
  return {
    of: (registry, principal) => {
      const known = indexes.get(registry)
      if (known !== undefined) return known
      const audience = registry.backend.name === 'stack' ? principal.id : ''
      const made = new SearchIndex(registry, { audience, ...means })
      indexes.set(registry, made)
      return made
    }
  }
}
