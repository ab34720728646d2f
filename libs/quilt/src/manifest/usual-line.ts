import { UsualEntry } from '../entry.ts'
import { encodeForManifest } from '../json/encode.ts'
import { isJsonObject } from '../json/value.ts'
import { formatPhysicalKey } from '../physical-key.ts'
import type { Entry } from '../types.ts'

// The line of an entry is put together as if nothing in it had to be escaped, and its bytes tell whether that was right:
// to look at each text before takes twice as long, and a million entries may be written.

/** Where a byte may stand as it is: bits of `places`. */
const [inString, inKey, inVersion] = [1, 2, 4]

const places = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = byte < 0x80 ? String.fromCharCode(byte) : ''
  const bit = (pattern: RegExp, place: number): number => (pattern.test(character) ? place : 0)
  return bit(/[ !#-[\]-~]/, inString) | bit(/[\w.~/-]/, inKey) | bit(/[\w.~-]/, inVersion)
})

const beforeKey = '{"logical_key": "'
const beforeAddress = '", "physical_keys": ["'
const beforeSize = '"], "size": '
const beforeType = ', "hash": {"type": "'
const beforeHash = '", "value": "'

/**
 * Puts the line that `entryLine` returns to `start`, without its end.
 *
 * @returns where the line ends; -1 where `entryLine` must make it: there may be no room for it, it holds more than ASCII, or
 * a text in it needs an escape. What lies behind `start` is then changed.
 */
export function putUsualLine(bytes: Buffer, start: number, entry: Entry): number {
  if (!(entry instanceof UsualEntry)) return -1
  const { logicalKey, physicalKey } = entry
  if (physicalKey.kind === 's3') {
    const { bucket, key, versionId } = physicalKey
    const front = `s3://${bucket}/`
    const version = versionId === undefined ? '' : `?versionId=${versionId}`
    const end = putLine(bytes, start, entry, front + key + version)
    const from = start + beforeKey.length + logicalKey.length + beforeAddress.length + front.length
    const to = from + key.length
    const versionFrom = to + version.length - (versionId?.length ?? 0)
    // as formatPhysicalKey would have it
    const isUsual =
      end >= 0 && areAll(bytes, from, to, inKey) && areAll(bytes, versionFrom, to + version.length, inVersion)
    if (isUsual) return end
  }
  return putLine(bytes, start, entry, formatPhysicalKey(physicalKey))
}

function putLine(bytes: Buffer, start: number, entry: UsualEntry, address: string): number {
  const { logicalKey, hash, recordMeta } = entry
  const { type, value } = hash
  const size = String(entry.size)
  const meta = isJsonObject(recordMeta) && recordMeta.size === 0 ? '{}' : encodeForManifest(recordMeta)
  const line = `${beforeKey}${logicalKey}${beforeAddress}${address}${beforeSize}${size}${beforeType}${type}${beforeHash}${value}"}, "meta": ${meta}}`
  // a UTF-16 unit has at most three bytes
  if (bytes.length - start < 3 * line.length) return -1
  // as many bytes as characters: then each text is where it seems to be
  if (bytes.write(line, start) !== line.length) return -1
  const key = start + beforeKey.length
  const url = key + logicalKey.length + beforeAddress.length
  const typeAt = url + address.length + beforeSize.length + size.length + beforeType.length
  const hashAt = typeAt + type.length + beforeHash.length
  return areAll(bytes, key, key + logicalKey.length, inString) &&
    areAll(bytes, url, url + address.length, inString) &&
    areAll(bytes, typeAt, typeAt + type.length, inString) &&
    areAll(bytes, hashAt, hashAt + value.length, inString)
    ? start + line.length
    : -1
}

function areAll(bytes: Uint8Array, from: number, to: number, place: number): boolean {
  for (let at = from; at < to; at++) if (((places[bytes[at] ?? 0] ?? 0) & place) === 0) return false
  return true
}
