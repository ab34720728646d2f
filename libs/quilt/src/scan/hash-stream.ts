import { createHash } from 'node:crypto'
import { QuiltError, quoted } from '../error.ts'
import { encodeForHash } from '../json/encode.ts'
import type { JsonObject } from '../json/value.ts'
import type { Entry } from '../types.ts'
import { CanonicalJson } from './canonical-json.ts'
import type { EntryLine } from './entry-line.ts'

const flushSize = 256 * 1024
/** A byte of input is at most six of output, `\u00xx`. */
const growth = 6
const frameSize = 100

const beforeType = Buffer.from('{"hash":{"type":')
const beforeValue = Buffer.from(',"value":')
const beforeKey = Buffer.from('},"logical_key":')
const beforeMeta = Buffer.from(',"meta":')
const beforeSize = Buffer.from(',"size":')
const emptyMeta = Buffer.from('{}')
const entryEnd = Buffer.from('}')

/** The top hash of a manifest from the bytes of its lines, in walk order. */
export class HashStream {
  private readonly hash = createHash('sha256')
  private readonly json = new CanonicalJson()

  header(header: JsonObject): void {
    this.json.ascii(encodeForHash(header))
  }

  /** The next entry, from a recognised line. False where its metadata needs the general encoder: nothing is added then. */
  line(bytes: Buffer, fields: EntryLine): boolean {
    const { json } = this
    if (json.length >= flushSize) this.flush()
    json.reserve((fields.metaEnd - fields.keyStart) * growth + frameSize)
    const before = json.length
    json.copy(beforeType, 0, beforeType.length)
    json.plainString(bytes, fields.typeStart, fields.typeEnd)
    json.copy(beforeValue, 0, beforeValue.length)
    json.plainString(bytes, fields.valueStart, fields.valueEnd)
    json.copy(beforeKey, 0, beforeKey.length)
    json.plainString(bytes, fields.keyStart, fields.keyEnd)
    json.copy(beforeMeta, 0, beforeMeta.length)
    if (fields.hasEmptyMeta(bytes)) json.copy(emptyMeta, 0, emptyMeta.length)
    else if (!json.value(bytes, fields.metaStart, fields.metaEnd)) {
      json.length = before
      return false
    }
    json.copy(beforeSize, 0, beforeSize.length)
    json.copy(bytes, fields.sizeStart, fields.sizeEnd)
    json.copy(entryEnd, 0, entryEnd.length)
    return true
  }

  /** The next entry. Throws QuiltError `entry-incomplete`. */
  entry(entry: Entry): void {
    if (this.json.length >= flushSize) this.flush()
    this.json.ascii(encodeEntryForHash(entry))
  }

  /** 64 lower-case hexadecimal digits. */
  digest(): string {
    this.flush()
    return this.hash.digest('hex')
  }

  private flush(): void {
    this.hash.update(this.json.output.subarray(0, this.json.length))
    this.json.length = 0
  }
}

/** What an entry adds to the top hash. Throws QuiltError `entry-incomplete` where its hash or size is null. */
export function encodeEntryForHash({ logicalKey, record }: Entry): string {
  if (record.hash === null || record.size === null)
    throw new QuiltError('entry-incomplete', `entry ${quoted(logicalKey)} has no hash or no size`, {
      key: logicalKey
    })
  return `{"hash":${encodeForHash(record.hash)},"logical_key":${encodeForHash(logicalKey)},"meta":${encodeForHash(record.meta)},"size":${encodeForHash(record.size)}}`
}
