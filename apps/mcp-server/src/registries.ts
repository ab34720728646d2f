import type { ObjectStore, WritableRegistry } from '@fast-mcp/quilt'
import type { Backend, Caller } from './backends/backend.ts'
import type { Principal } from './principal.ts'
import { registryUri } from './registry-uri.ts'
import { ToolFailure } from './tools/tool-failure.ts'
import { visible } from './tools/visible.ts'

/** A registry as one caller reaches it: with that caller's credentials. Where it is marked read-only, everything that writes throws ToolFailure `read-only`. */
export interface ServedRegistry extends WritableRegistry {
  readonly backend: Backend
  readonly readOnly: boolean
  /** The objects of its bucket or folder, by keys from its root. What writes throws where the registry is read-only. */
  store(): Promise<ObjectStore>
}

/** The Quilt registries that the server serves. What a caller gets is the caller's own and never another's. */
export interface Registries {
  /** URI of the registry that is meant where none is named; undefined where only a stack is configured. */
  readonly default: string | undefined
  /**
   * Those of the configuration in its order, then the buckets of the stack; for a caller without a token for the stack
   * only what is not the stack's. Throws ToolFailure where the stack does not answer.
   */
  all(caller: Caller): Promise<readonly ServedRegistry[]>
  /** The registry with that URI, the default one where none is given. Throws ToolFailure `registry-unknown`. */
  get(uri: string | undefined, caller: Caller): Promise<ServedRegistry>
}

/** A registry of the configuration, and how a caller comes to it. */
export interface RegistryEntry {
  readonly uri: string
  /** False for a caller who lacks what it takes, so that asking is in vain. */
  isOpenTo(principal: Principal): boolean
  of(caller: Caller): Promise<ServedRegistry>
}

/** Registries that callers have besides those of the configuration. */
export interface MoreRegistries {
  isOpenTo(principal: Principal): boolean
  /** Their URIs. */
  uris(caller: Caller): Promise<readonly string[]>
  of(uri: string, caller: Caller): Promise<ServedRegistry>
}

/** The registries of a configuration, the first of them the default one, and those that callers have besides. */
export function createRegistries(entries: readonly RegistryEntry[], more?: MoreRegistries): Registries {
  const configured = new Map(entries.map((entry) => [entry.uri, entry]))
  const others = async (caller: Caller): Promise<readonly string[]> =>
    more === undefined ? [] : (await more.uris(caller)).filter((uri) => !configured.has(uri))
  return {
    default: entries[0]?.uri,
    all: async (caller) => {
      const { principal } = caller
      const open = entries.filter((entry) => entry.isOpenTo(principal)).map((entry) => entry.of(caller))
      if (more?.isOpenTo(principal) !== true) return Promise.all(open)
      return Promise.all([...open, ...(await others(caller)).map((uri) => more.of(uri, caller))])
    },
    get: async (uri, caller) => {
      const wanted = uri === undefined ? entries[0]?.uri : (registryUri(uri) ?? uri)
      const entry = wanted === undefined ? undefined : configured.get(wanted)
      if (entry !== undefined) return entry.of(caller)
      const known = await others(caller)
      if (wanted !== undefined && more !== undefined && known.includes(wanted)) return more.of(wanted, caller)
      throw wanted === undefined
        ? new ToolFailure('registry-needed', 'no registry is named, and this server has no default one', {
            next: 'Name one as registry; buckets_list lists them.'
          })
        : unknownRegistry(wanted, [...configured.keys(), ...known], entries.length > 0)
    }
  }
}

function unknownRegistry(uri: string, known: readonly string[], hasDefault: boolean): ToolFailure {
  const shown = known.slice(0, 10)
  const more = known.length > shown.length ? ` or another of ${String(known.length)}` : ''
  const otherwise = hasDefault ? ', or leave registry out for the first' : ''
  return new ToolFailure('registry-unknown', `this server does not serve the registry ${visible(uri)}`, {
    next:
      known.length === 0
        ? 'You have no registry here: ask an administrator of the Quilt stack for a role.'
        : `Use one of ${shown.join(', ')}${more}${otherwise}.`
  })
}
