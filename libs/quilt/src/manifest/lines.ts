import { QuiltError } from '../error.ts'
import { encodeForManifest } from '../json/encode.ts'
import type { JsonObject, JsonValue } from '../json/value.ts'
import { formatPhysicalKey } from '../physical-key.ts'
import type { Entry } from '../types.ts'

/** Bytes of the longest line that quilt3 writes, without its end. */
export const maxRecordSize = 1_000_000

/**
 * The first line of a manifest, without its end: the header in its own order (quilt3 8.0.0, packages.py `_dump`).
 *
 * Throws QuiltError `json-not-encodable`, `record-too-large`.
 */
export function headerLine(header: JsonObject): string {
  return checked(encodeForManifest(header), 'package metadata')
}

/** The line with the metadata of a folder, whose key ends with `/`. Throws as headerLine does. */
export function folderMetadataLine(key: string, meta: JsonValue): string {
  return checked(
    encodeForManifest(
      new Map([
        ['logical_key', key],
        ['meta', meta]
      ])
    ),
    `entry with logical key '${key}'`
  )
}

/** The line of an entry: logical_key, physical_keys, size, hash, meta. Throws as headerLine does. */
export function entryLine({ logicalKey, physicalKey, record }: Entry): string {
  const [key, url] = [encodeForManifest(logicalKey), encodeForManifest(formatPhysicalKey(physicalKey))]
  const [size, hash, meta] = [record.size, record.hash, record.meta].map(encodeForManifest)
  return checked(
    `{"logical_key": ${key}, "physical_keys": [${url}], "size": ${size}, "hash": ${hash}, "meta": ${meta}}`,
    `entry with logical key '${logicalKey}'`
  )
}

function checked(line: string, what: string): string {
  // a UTF-16 unit has at most three bytes, so most lines need no count
  const size = line.length * 3 <= maxRecordSize ? 0 : Buffer.byteLength(line)
  if (size <= maxRecordSize) return line
  throw new QuiltError(
    'record-too-large',
    `Size of manifest record for ${what} is ${size} bytes, but must be less than ${maxRecordSize} bytes.`
  )
}
