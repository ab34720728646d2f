import { QuiltError, quoted } from '../error.ts'
import type { Entry } from '../types.ts'
import { checkHashType, createHasher } from './hasher.ts'

/**
 * Passes the bytes of an entry on and checks them on the way: the last piece comes only after the whole is right.
 *
 * Throws QuiltError `size-mismatch` or `hash-mismatch`; `entry-incomplete` and `unsupported-hash` before the first byte.
 */
export async function* verified(
  entry: Entry,
  body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>
): AsyncGenerator<Uint8Array> {
  const { logicalKey: key, hash, size } = entry
  if (hash === undefined || size === undefined)
    throw new QuiltError('entry-incomplete', `entry ${quoted(key)} has no usable hash or size`, { key })
  const hasher = createHasher(checkHashType(hash.type), size)
  let seen = 0
  let held: Uint8Array | undefined
  for await (const bytes of body) {
    if (held !== undefined) yield held
    seen += bytes.length
    if (seen > size)
      throw new QuiltError('size-mismatch', `${quoted(key)} has more than the ${size} bytes of its entry`, {
        key
      })
    hasher.update(bytes)
    held = bytes
  }
  if (seen !== size)
    throw new QuiltError('size-mismatch', `${quoted(key)} has ${seen} bytes where its entry has ${size}`, {
      key
    })
  const { value } = hasher.digest()
  if (value !== hash.value)
    throw new QuiltError(
      'hash-mismatch',
      `${quoted(key)} has ${hash.type} ${value} where its entry has ${hash.value}`,
      {
        key
      }
    )
  if (held !== undefined) yield held
}
