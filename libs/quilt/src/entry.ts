import { QuiltError, quoted } from './error.ts'
import { emptyObject, isJsonObject, isTruthy, type JsonObject, type JsonValue } from './json/value.ts'
import type { Entry, EntryHash, EntryRecord, PhysicalKey } from './types.ts'

/** An entry of a manifest: what its line says, and what that means where it means something. */
export class ManifestEntry implements Entry {
  readonly logicalKey: string
  readonly physicalKey: PhysicalKey
  readonly record: EntryRecord

  constructor(logicalKey: string, physicalKey: PhysicalKey, record: EntryRecord) {
    this.logicalKey = logicalKey
    this.physicalKey = physicalKey
    this.record = isTruthy(record.meta) ? record : { size: record.size, hash: record.hash, meta: emptyObject }
  }

  get size(): number | undefined {
    return usableSize(this.record.size)
  }

  get hash(): EntryHash | undefined {
    if (!isJsonObject(this.record.hash)) return undefined
    const type = this.record.hash.get('type')
    const value = this.record.hash.get('value')
    return typeof type === 'string' && typeof value === 'string' ? { type, value } : undefined
  }

  get meta(): JsonObject {
    return isJsonObject(this.record.meta) ? this.record.meta : emptyObject
  }
}

/**
 * An entry whose size is a usable number and whose hash has exactly `type` and `value`: nearly every one. What a manifest
 * line would say is made when it is asked for, since a million entries may pass by.
 */
export abstract class UsualEntry implements Entry {
  readonly logicalKey: string
  readonly size: number
  readonly hash: EntryHash
  #record: EntryRecord | undefined

  constructor(logicalKey: string, size: number, hash: EntryHash) {
    this.logicalKey = logicalKey
    this.size = size
    this.hash = hash
  }

  abstract readonly physicalKey: PhysicalKey

  /** The `meta` of the record; never falsy. */
  abstract readonly recordMeta: JsonValue

  get record(): EntryRecord {
    return (this.#record ??= new UsualRecord(this))
  }

  get meta(): JsonObject {
    const { recordMeta } = this
    return isJsonObject(recordMeta) ? recordMeta : emptyObject
  }
}

class UsualRecord implements EntryRecord {
  readonly #entry: UsualEntry

  constructor(entry: UsualEntry) {
    this.#entry = entry
  }

  get size(): JsonValue {
    return BigInt(this.#entry.size)
  }

  get hash(): JsonValue {
    const { type, value } = this.#entry.hash
    return new Map([
      ['type', type],
      ['value', value]
    ])
  }

  get meta(): JsonValue {
    return this.#entry.recordMeta
  }
}

class CreatedEntry extends UsualEntry {
  readonly physicalKey: PhysicalKey
  readonly recordMeta: JsonValue

  constructor(logicalKey: string, size: number, hash: EntryHash, physicalKey: PhysicalKey, meta: JsonValue) {
    super(logicalKey, size, hash)
    this.physicalKey = physicalKey
    this.recordMeta = isTruthy(meta) ? meta : emptyObject
  }
}

/** A size in bytes that a number holds exactly: an integer from 0 to 2^53 - 1. */
export function usableSize(size: JsonValue): number | undefined {
  return typeof size === 'bigint' && size >= 0n && size <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(size)
    : undefined
}

/** What a new entry is made of. */
export interface NewEntry {
  readonly logicalKey: string
  readonly physicalKey: PhysicalKey
  /** Bytes. */
  readonly size: number
  readonly hash: EntryHash
  /** Goes to `meta.user_meta`. @default none: `meta` is empty */
  readonly userMeta?: JsonValue
  /** The whole `meta` object, of an entry that is carried over; wins over `userMeta`. */
  readonly meta?: JsonValue
}

/**
 * An entry as quilt3 makes it. The logical key is not checked.
 *
 * Throws QuiltError `size-mismatch` where the size is not a whole number from 0 to 2^53 - 1.
 */
export function createEntry({ logicalKey, physicalKey, size, hash, userMeta, meta }: NewEntry): Entry {
  if (!Number.isSafeInteger(size) || size < 0)
    throw new QuiltError(
      'size-mismatch',
      `the size of ${quoted(logicalKey)} is ${size}, expected a whole number of bytes`,
      {
        key: logicalKey
      }
    )
  const whole = meta ?? (userMeta === undefined ? emptyObject : new Map([['user_meta', userMeta]]))
  return new CreatedEntry(logicalKey, size, hash, physicalKey, whole)
}
