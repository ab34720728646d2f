import { isQuiltError } from '../error.ts'
import { encodeForHash, encodeForManifest } from '../json/encode.ts'
import type { JsonValue } from '../json/value.ts'
import { parseRecord } from '../manifest/record.ts'
import { EntryLine } from './entry-line.ts'
import type { Found, SearchOptions } from './key-list.ts'
import { lineEnd, readBlocks } from './line-reader.ts'

const newline = 0x0a

/**
 * What may be written otherwise in JSON, and is by the client: where a line has it, the bytes are not what is compared.
 */
const needless = [Buffer.from(String.raw`\u`), Buffer.from(String.raw`\/`)]

const lowerCase = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
)

/** The text as metadata is searched: as JSON writes it in a string, A to Z in lower case. */
export function foldMetadata(text: string): string {
  return foldAscii(JSON.stringify(text).slice(1, -1))
}

/** The text of metadata that is searched. */
export function metadataText(meta: JsonValue): string {
  try {
    return foldAscii(encodeForManifest(meta))
  } catch (error) {
    // NaN and half a surrogate pair have no other text
    if (isQuiltError(error, 'json-not-encodable')) return foldAscii(encodeForHash(meta))
    throw error
  }
}

function foldAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

/**
 * Searches the metadata of all entries for a text: in `meta` as the manifest has it but for escapes that JSON does not
 * need, keys and values, A to Z in either case.
 *
 * @param file descriptor of a scanned manifest @param firstEntry position of its first entry
 */
export function searchMetadata(file: number, firstEntry: number, options: SearchOptions): Found {
  const search = new MetadataSearch(options)
  readBlocks(
    file,
    (bytes) => {
      search.block(bytes)
      return true
    },
    { position: firstEntry, ...(options.abort === undefined ? {} : { abort: options.abort }) }
  )
  return { total: search.total, ordinals: search.ordinals }
}

class MetadataSearch {
  total = 0
  readonly ordinals: number[] = []
  private readonly needle: Buffer
  private readonly after: number
  private readonly limit: number
  private readonly fields = new EntryLine()
  private folded = Buffer.alloc(0)
  /** Number of the entry at `counted` in the block. */
  private ordinal = 0

  constructor({ text, after, limit }: SearchOptions) {
    this.needle = Buffer.from(text)
    this.after = after
    this.limit = limit
  }

  block(bytes: Buffer): void {
    const folded = this.fold(bytes)
    let counted = 0
    const hits = new Places(folded, this.needle)
    const escapes = needless.map((escape) => new Places(bytes, escape))
    let last = 0
    for (;;) {
      const escape = Math.min(...escapes.map((each) => each.from(last)))
      const at = Math.min(hits.from(last), escape)
      if (at >= bytes.length) break
      const start = at === 0 ? 0 : bytes.lastIndexOf(newline, at - 1) + 1
      const end = lineEnd(bytes, at)
      if (this.matches(bytes, folded, start, end, escape < end)) {
        this.total++
        if (this.ordinals.length < this.limit) {
          counted = this.count(bytes, counted, start)
          if (this.ordinal > this.after) this.ordinals.push(this.ordinal)
        }
      }
      last = end
    }
    if (this.ordinals.length < this.limit) this.count(bytes, counted, bytes.length)
  }

  /** Counts the lines from `from` to `to`. */
  private count(bytes: Buffer, from: number, to: number): number {
    let at = from
    while (at < to) {
      at = lineEnd(bytes, at) + 1
      this.ordinal++
    }
    return at
  }

  private matches(bytes: Buffer, folded: Buffer, start: number, end: number, isEscaped: boolean): boolean {
    const { fields, needle } = this
    if (!isEscaped && fields.recognise(bytes, start, end)) {
      const at = folded.indexOf(needle, fields.metaStart)
      return at >= 0 && at + needle.length <= fields.metaEnd
    }
    const record = parseRecord({ text: bytes.toString('utf8', start, end), number: 0 })
    return record.kind === 'entry' && metadataText(record.entry.record.meta).includes(needle.toString())
  }

  private fold(bytes: Buffer): Buffer {
    if (this.folded.length < bytes.length) this.folded = Buffer.allocUnsafeSlow(bytes.length)
    const { folded } = this
    for (let index = 0; index < bytes.length; index++) folded[index] = lowerCase[bytes[index] ?? 0] ?? 0
    return folded.subarray(0, bytes.length)
  }
}

/** Where something is, asked for from the first to the last. */
class Places {
  private readonly bytes: Buffer
  private readonly wanted: Buffer
  private at = -1

  constructor(bytes: Buffer, wanted: Buffer) {
    this.bytes = bytes
    this.wanted = wanted
  }

  /** The next one from a place, Infinity where there is none. */
  from(place: number): number {
    if (this.at < place) {
      const at = place < this.bytes.length ? this.bytes.indexOf(this.wanted, place) : -1
      this.at = at < 0 ? Infinity : at
    }
    return this.at
  }
}
