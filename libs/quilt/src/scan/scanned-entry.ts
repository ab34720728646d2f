import { usableSize } from '../entry.ts'
import { parseJson } from '../json/parse.ts'
import { emptyObject, isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts'
import { parseRecord } from '../manifest/record.ts'
import { parsePhysicalKey } from '../physical-key.ts'
import type { Entry, EntryHash, EntryRecord, PhysicalKey } from '../types.ts'
import type { EntryLine } from './entry-line.ts'

/** An entry from a recognised line. Address and metadata are read when they are asked for. */
class ScannedEntry implements Entry {
  readonly logicalKey: string
  readonly size: number
  readonly hash: EntryHash
  readonly #url: string
  readonly #metaText: string
  #record: EntryRecord | undefined

  constructor(bytes: Buffer, fields: EntryLine) {
    this.logicalKey = bytes.toString('utf8', fields.keyStart, fields.keyEnd)
    this.size = fields.size
    this.hash = {
      type: bytes.toString('utf8', fields.typeStart, fields.typeEnd),
      value: bytes.toString('utf8', fields.valueStart, fields.valueEnd)
    }
    this.#url = bytes.toString('utf8', fields.urlStart, fields.urlEnd)
    this.#metaText = fields.hasEmptyMeta(bytes)
      ? ''
      : bytes.toString('utf8', fields.metaStart, fields.metaEnd)
  }

  get physicalKey(): PhysicalKey {
    return parsePhysicalKey(this.#url)
  }

  get record(): EntryRecord {
    return (this.#record ??= {
      size: BigInt(this.size),
      hash: new Map<string, JsonValue>([
        ['type', this.hash.type],
        ['value', this.hash.value]
      ]),
      meta: this.#metaText === '' ? emptyObject : parseJson(this.#metaText)
    })
  }

  get meta(): JsonObject {
    const { meta } = this.record
    return isJsonObject(meta) ? meta : emptyObject
  }
}

/** The entry in a line of a scanned manifest; undefined for the metadata of a folder. */
export function entryOfLine(bytes: Buffer, start: number, end: number, fields: EntryLine): Entry | undefined {
  if (fields.recognise(bytes, start, end)) return new ScannedEntry(bytes, fields)
  const record = parseRecord({ text: bytes.toString('utf8', start, end), number: 0 })
  return record.kind === 'entry' ? record.entry : undefined
}

/** Key and size of the entry in a line of a scanned manifest. */
export function keyOfLine(
  bytes: Buffer,
  start: number,
  end: number,
  fields: EntryLine
): { readonly logicalKey: string; readonly size: number | undefined } | undefined {
  if (fields.recognise(bytes, start, end))
    return { logicalKey: bytes.toString('utf8', fields.keyStart, fields.keyEnd), size: fields.size }
  const entry = entryOfLine(bytes, start, end, fields)
  return entry === undefined
    ? undefined
    : { logicalKey: entry.logicalKey, size: usableSize(entry.record.size) }
}
