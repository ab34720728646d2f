import { QuiltError } from '../error.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts'

/**
 * User metadata with the members of another object put over it: members of the same name are replaced whole, new ones come
 * behind. Throws `not-supported` where the metadata is neither an object nor null nor absent.
 */
export function mergeMetadata(metadata: JsonValue | undefined, changes: JsonObject): JsonObject {
  if (metadata === undefined || metadata === null) return changes
  if (isJsonObject(metadata)) return new Map([...metadata, ...changes])
  throw new QuiltError('not-supported', 'the metadata is not an object, so nothing can be merged into it', {
    remedy: 'Replace the metadata as a whole.'
  })
}
