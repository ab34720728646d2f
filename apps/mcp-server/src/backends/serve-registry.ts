import { isQuiltError, QuiltError, type ObjectStore, type WritableRegistry } from '@fast-mcp/quilt'
import type { ServedRegistry } from '../registries.ts'
import type { Backend } from './backend.ts'
import { readOnlyStore } from './read-only-store.ts'
import { readOnlyFailure } from './read-only-failure.ts'

export interface ServeOptions {
  readonly backend: Backend
  readonly readOnly: boolean
  /** What clients know it by. @default where it is */
  readonly uri?: string
  /** Called when objects are first asked for. */
  readonly openStore: () => Promise<ObjectStore>
}

/** A registry as it is served: under its name, with its objects, and writing refused where it is read-only. */
export function serveRegistry(
  registry: WritableRegistry,
  { backend, readOnly, uri = registry.uri, openStore }: ServeOptions
): ServedRegistry {
  let opened: Promise<ObjectStore> | undefined
  const told = uri === registry.uri ? <T>(work: Promise<T>) => work : named(registry.uri, uri)
  const refuse = (): Promise<never> => Promise.reject(readOnlyFailure(uri))
  const writing: Pick<
    ServedRegistry,
    | 'newPackage'
    | 'patch'
    | 'rollback'
    | 'setTag'
    | 'deleteTag'
    | 'deletePackage'
    | 'deleteRevision'
    | 'store'
  > = readOnly
    ? {
        newPackage: () => {
          throw readOnlyFailure(uri)
        },
        patch: refuse,
        rollback: refuse,
        setTag: refuse,
        deleteTag: refuse,
        deletePackage: refuse,
        deleteRevision: refuse,
        store: async () => readOnlyStore(await (opened ??= openStore()))
      }
    : {
        newPackage: () => registry.newPackage(),
        patch: (name, selector, options) => registry.patch(name, selector, options),
        rollback: (name, hash, options) => registry.rollback(name, hash, options),
        setTag: (name, tag, selector, options) => registry.setTag(name, tag, selector, options),
        deleteTag: (name, tag, options) => registry.deleteTag(name, tag, options),
        deletePackage: (name, options) => registry.deletePackage(name, options),
        deleteRevision: (name, hash, options) => registry.deleteRevision(name, hash, options),
        store: () => (opened ??= openStore())
      }
  return {
    uri,
    backend,
    readOnly,
    packages: (options) => told(registry.packages(options)),
    revisions: (name, options) => told(registry.revisions(name, options)),
    resolve: (name, selector, options) => told(registry.resolve(name, selector, options)),
    open: (topHash, options) => told(registry.open(topHash, options)),
    read: (entry, range, options) => told(registry.read(entry, range, options)),
    check: (builder, name, options) => registry.check(builder, name, options),
    close: () => registry.close(),
    ...writing
  }
}

/** Gives the registry the name in failures that clients know it by: where it really is, is not for them. */
function named(from: string, to: string): <T>(work: Promise<T>) => Promise<T> {
  return async (work) => {
    try {
      return await work
    } catch (error) {
      if (!isQuiltError(error) || !error.message.includes(from)) throw error
      const { code, message, ...place } = error.toJSON()
      throw new QuiltError(code, message.replaceAll(from, to), { ...place, cause: error })
    }
  }
}
