import type { ObjectStore } from '@fast-mcp/quilt'
import { ToolFailure } from '../tools/tool-failure.ts'
import { readOnlyStore } from './read-only-store.ts'

/** A public bucket that is read without credentials: there is nothing to sign an address with. */
export function unsignedStore(store: ObjectStore): ObjectStore {
  return {
    ...readOnlyStore(store),
    presign: () =>
      Promise.reject(
        new ToolFailure(
          'not-supported',
          `${store.uri} is reached without credentials, which sign addresses`,
          {
            next: 'Read the object with object_read; what is public needs no signed address.'
          }
        )
      )
  }
}
