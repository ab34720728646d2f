import type { ObjectStore, WritableRegistry } from '@fast-mcp/quilt'
import type { Backend, Caller } from './backends/backend.ts'
import { registryUri } from './registry-uri.ts'
import { ToolFailure } from './tools/tool-failure.ts'

/** A registry as one caller reaches it: with that caller's credentials. Where it is marked read-only, everything that writes throws ToolFailure `read-only`. */
export interface ServedRegistry extends WritableRegistry {
  readonly backend: Backend
  readonly readOnly: boolean
  /** The objects of its bucket or folder, by keys from its root. What writes throws where the registry is read-only. */
  store(): Promise<ObjectStore>
}

/** The Quilt registries that the server serves, at least one. What a caller gets is the caller's own and never another's. */
export interface Registries {
  /** URI of the registry that is meant where none is named. */
  readonly default: string
  /** Those of the configuration in its order, then the buckets of the stack. Throws ToolFailure where the stack does not answer. */
  all(caller: Caller): Promise<readonly ServedRegistry[]>
  /** The registry with that URI, the default one where none is given. Throws ToolFailure `registry-unknown`. */
  get(uri: string | undefined, caller: Caller): Promise<ServedRegistry>
}

/** The registries that a configuration names, the first of them the default one. */
export function fixedRegistries(all: readonly [ServedRegistry, ...ServedRegistry[]]): Registries {
  return {
    default: all[0].uri,
    all: () => Promise.resolve(all),
    get: (uri) => {
      const found = findRegistry(all, uri)
      return found === undefined ? Promise.reject(unknownRegistry(all)) : Promise.resolve(found)
    }
  }
}

/** The registry of that URI, in any of its spellings; the first one where none is given. */
export function findRegistry(
  all: readonly ServedRegistry[],
  uri: string | undefined
): ServedRegistry | undefined {
  if (uri === undefined) return all[0]
  const wanted = registryUri(uri) ?? uri
  return all.find((registry) => registry.uri === wanted)
}

/** What is told to a caller who names another registry. */
export function unknownRegistry(all: readonly { readonly uri: string }[]): ToolFailure {
  const shown = all.slice(0, 10).map(({ uri }) => uri)
  const more = all.length > shown.length ? ` or another of ${String(all.length)}` : ''
  return new ToolFailure('registry-unknown', 'this server does not serve that registry', {
    next: `Use one of ${shown.join(', ')}${more}, or leave registry out for the first.`
  })
}
