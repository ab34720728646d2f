import { usableSize, UsualEntry } from '../entry.ts'
import { parseJson } from '../json/parse.ts'
import { pythonEqual } from '../json/equal.ts'
import { emptyObject, type JsonValue } from '../json/value.ts'
import { parseRecord } from '../manifest/record.ts'
import { parsePhysicalKey } from '../physical-key.ts'
import type { Entry, PhysicalKey } from '../types.ts'
import type { EntryLine } from './entry-line.ts'

/** An entry from a recognised line. Address and metadata are read when they are asked for. */
class ScannedEntry extends UsualEntry {
  readonly #url: string
  readonly #metaText: string
  #meta: JsonValue | undefined

  constructor(bytes: Buffer, start: number, end: number, fields: EntryLine) {
    const text = textOf(bytes, start, end)
    super(text(fields.keyStart, fields.keyEnd), fields.size, {
      type: text(fields.typeStart, fields.typeEnd),
      value: text(fields.valueStart, fields.valueEnd)
    })
    this.#url = text(fields.urlStart, fields.urlEnd)
    this.#metaText = fields.hasEmptyMeta(bytes) ? '' : text(fields.metaStart, fields.metaEnd)
  }

  /** True where both lines say the same in the same way; false says nothing. */
  isWrittenLike(other: ScannedEntry): boolean {
    return (
      this.size === other.size &&
      this.hash.value === other.hash.value &&
      this.hash.type === other.hash.type &&
      this.#metaText === other.#metaText
    )
  }

  get physicalKey(): PhysicalKey {
    return parsePhysicalKey(this.#url)
  }

  get recordMeta(): JsonValue {
    return (this.#meta ??= this.#metaText === '' ? emptyObject : parseJson(this.#metaText))
  }
}

/** Makes texts of parts of a line. Of ASCII, all parts are cut from one text: making a text of bytes has a price each time. */
function textOf(bytes: Buffer, start: number, end: number): (from: number, to: number) => string {
  const line = bytes.toString('utf8', start, end)
  if (line.length === end - start) return (from, to) => line.slice(from - start, to - start)
  return (from, to) => bytes.toString('utf8', from, to)
}

/** The entry in a line of a scanned manifest; undefined for the metadata of a folder. */
export function entryOfLine(bytes: Buffer, start: number, end: number, fields: EntryLine): Entry | undefined {
  if (fields.recognise(bytes, start, end)) return new ScannedEntry(bytes, start, end, fields)
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

/** Whether the Python client takes two entries for equal: size, hash and metadata by Python's rules, not physical keys. */
export function equalEntries(a: Entry, b: Entry): boolean {
  if (a instanceof ScannedEntry && b instanceof ScannedEntry && a.isWrittenLike(b)) return true
  return (
    pythonEqual(a.record.size, b.record.size) &&
    pythonEqual(a.record.hash, b.record.hash) &&
    pythonEqual(a.record.meta, b.record.meta)
  )
}
