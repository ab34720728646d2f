import type { ObjectStore } from '@fast-mcp/quilt'
import { readOnlyFailure } from './read-only-failure.ts'

/** A store that can be read and not written to: what writes throws ToolFailure `read-only`. */
export function readOnlyStore(store: ObjectStore): ObjectStore {
  const refuse = (): Promise<never> => Promise.reject(readOnlyFailure(store.uri))
  return {
    uri: store.uri,
    head: (key, options) => store.head(key, options),
    get: (key, options) => store.get(key, options),
    getSome: (prefix, choose, options) => store.getSome(prefix, choose, options),
    read: (key, options) => store.read(key, options),
    list: (options) => store.list(options),
    folders: (prefix, options) => store.folders(prefix, options),
    versions: (key, options) => store.versions(key, options),
    presign: (key, options) => store.presign(key, options),
    put: refuse,
    copy: refuse,
    delete: refuse
  }
}
