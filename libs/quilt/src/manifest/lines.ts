import { UsualEntry } from '../entry.ts'
import { QuiltError } from '../error.ts'
import { encodeForManifest } from '../json/encode.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts'
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
export function entryLine(entry: Entry): string {
  const { logicalKey } = entry
  const url = formatPhysicalKey(entry.physicalKey)
  const front = usualFront(entry, url) ?? frontOf(entry, url)
  const meta = entry instanceof UsualEntry ? entry.recordMeta : entry.record.meta
  const isEmpty = isJsonObject(meta) && meta.size === 0
  return checked(
    `${front}, "meta": ${isEmpty ? '{}' : encodeForManifest(meta)}}`,
    `entry with logical key '${logicalKey}'`
  )
}

/** Text that is the same in JSON: printable ASCII without quote and backslash. */
const plain = /^[ !#-[\]-~]*$/

/** The line up to `meta`, where no text in it needs an escape. */
function usualFront(entry: Entry, url: string): string | undefined {
  if (!(entry instanceof UsualEntry)) return undefined
  const { logicalKey, size, hash } = entry
  const { type, value } = hash
  if (!plain.test(logicalKey) || !plain.test(url) || !plain.test(type) || !plain.test(value)) return undefined
  return `{"logical_key": "${logicalKey}", "physical_keys": ["${url}"], "size": ${size}, "hash": {"type": "${type}", "value": "${value}"}`
}

function frontOf({ logicalKey, record }: Entry, url: string): string {
  return `{"logical_key": ${encodeForManifest(logicalKey)}, "physical_keys": [${encodeForManifest(url)}], "size": ${encodeForManifest(record.size)}, "hash": ${encodeForManifest(record.hash)}`
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
