import { encodeForManifest } from './json/encode.ts'
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

  toJSON(): object {
    const { logicalKey, physicalKey, size, hash } = this
    return { logicalKey, physicalKey, size, hash, meta: encodeForManifest(this.record.meta) }
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

/** An entry with the fields of its manifest line in the order of quilt3. The logical key is not checked. */
export function createEntry({ logicalKey, physicalKey, size, hash, userMeta, meta }: NewEntry): Entry {
  return new ManifestEntry(logicalKey, physicalKey, {
    size: BigInt(size),
    hash: new Map([
      ['type', hash.type],
      ['value', hash.value]
    ]),
    meta: meta ?? (userMeta === undefined ? emptyObject : new Map([['user_meta', userMeta]]))
  })
}
