import { plainByte, skipJson } from './json-bytes.ts'

const toKey = Buffer.from('{"logical_key": "')
const toUrl = Buffer.from('", "physical_keys": ["')
const toSize = Buffer.from('"], "size": ')
const toType = Buffer.from(', "hash": {"type": "')
const toValue = Buffer.from('", "value": "')
const toMeta = Buffer.from('"}, "meta": ')
const s3Scheme = Buffer.from('s3://')
const fileScheme = Buffer.from('file:///')
const versionQuery = Buffer.from('?versionId=')

/** Digits of a size that a number holds exactly whatever they are. */
const maxSizeDigits = 15

/**
 * Recognises the line of an entry as the Python client writes it, at the speed of a byte loop, and says where its
 * fields are. Between the quotes of key, type and value there is no escape, so the bytes are the text.
 *
 * A line that is not recognised may still be good: the general parser decides.
 */
export class EntryLine {
  keyStart = 0
  keyEnd = 0
  urlStart = 0
  urlEnd = 0
  sizeStart = 0
  sizeEnd = 0
  typeStart = 0
  typeEnd = 0
  valueStart = 0
  valueEnd = 0
  metaStart = 0
  metaEnd = 0
  /** Bytes. */
  size = 0

  /** Whether `bytes[start..end)` is such a line; its fields are then set. The bytes are valid UTF-8. */
  recognise(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes[end - 1] !== 0x7d || !matches(bytes, start, toKey)) return false
    this.keyStart = start + toKey.length
    this.keyEnd = plainEnd(bytes, this.keyStart)
    if (!matches(bytes, this.keyEnd, toUrl)) return false
    this.urlStart = this.keyEnd + toUrl.length
    this.urlEnd = urlEnd(bytes, this.urlStart)
    if (this.urlEnd < 0 || !matches(bytes, this.urlEnd, toSize)) return false
    if (!this.readSize(bytes, this.urlEnd + toSize.length) || !matches(bytes, this.sizeEnd, toType))
      return false
    this.typeStart = this.sizeEnd + toType.length
    this.typeEnd = plainEnd(bytes, this.typeStart)
    if (!matches(bytes, this.typeEnd, toValue)) return false
    this.valueStart = this.typeEnd + toValue.length
    this.valueEnd = plainEnd(bytes, this.valueStart)
    if (!matches(bytes, this.valueEnd, toMeta)) return false
    this.metaStart = this.valueEnd + toMeta.length
    this.metaEnd = end - 1
    if (this.metaStart >= this.metaEnd || bytes[this.metaStart] !== 0x7b) return false
    return this.hasEmptyMeta(bytes) || skipJson(bytes, this.metaStart, this.metaEnd) === this.metaEnd
  }

  /** Whether `meta` is `{}`. */
  hasEmptyMeta(bytes: Uint8Array): boolean {
    return this.metaEnd - this.metaStart === 2 && bytes[this.metaStart + 1] === 0x7d
  }

  private readSize(bytes: Uint8Array, start: number): boolean {
    let at = start
    let size = 0
    for (;;) {
      const byte = bytes[at] ?? 0
      if (byte < 0x30 || byte > 0x39) break
      size = size * 10 + byte - 0x30
      at++
    }
    this.sizeStart = start
    this.sizeEnd = at
    this.size = size
    return at > start && at - start <= maxSizeDigits && (bytes[start] !== 0x30 || at === start + 1)
  }
}

function matches(bytes: Uint8Array, start: number, literal: Uint8Array): boolean {
  for (let index = 0; index < literal.length; index++)
    if (bytes[start + index] !== literal[index]) return false
  return true
}

function plainEnd(bytes: Uint8Array, start: number): number {
  let at = start
  while (plainByte[bytes[at] ?? 0] === 1) at++
  return at
}

/** 1 for a byte of an address, neither `?` nor `#`. */
const pathByte = plainByte.map((plain, byte) => (byte === 0x3f || byte === 0x23 ? 0 : plain))
/** 1 for a byte of the one query parameter there may be. */
const versionByte = plainByte.map((plain, byte) => (byte === 0x26 || byte === 0x23 ? 0 : plain))
/** 1 for a byte of a usual bucket name. */
const bucketByte = plainByte.map((_, byte) => (/[a-z0-9.-]/.test(String.fromCharCode(byte)) ? 1 : 0))

const quote = 0x22

/** The end of an address that parsePhysicalKey accepts for sure, -1 for any other. */
function urlEnd(bytes: Uint8Array, start: number): number {
  if (!matches(bytes, start, s3Scheme))
    return matches(bytes, start, fileScheme) ? filePathEnd(bytes, start + fileScheme.length) : -1
  const bucket = start + s3Scheme.length
  let at = bucket
  while (bucketByte[bytes[at] ?? 0] === 1) at++
  if (at === bucket || bytes[at] !== 0x2f) return -1
  while (pathByte[bytes[at] ?? 0] === 1) at++
  if (bytes[at] === quote) return at
  if (!matches(bytes, at, versionQuery)) return -1
  at += versionQuery.length
  while (versionByte[bytes[at] ?? 0] === 1) at++
  return bytes[at] === quote ? at : -1
}

function filePathEnd(bytes: Uint8Array, start: number): number {
  let at = start
  while (pathByte[bytes[at] ?? 0] === 1) {
    // a path cannot hold %00
    if (bytes[at] === 0x25 && bytes[at + 1] === 0x30 && bytes[at + 2] === 0x30) return -1
    at++
  }
  return bytes[at] === quote ? at : -1
}
