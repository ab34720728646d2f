import { fstatSync } from 'node:fs'
import { usableSize } from '../entry.ts'
import { QuiltError } from '../error.ts'
import { isJsonObject, isTruthy } from '../json/value.ts'
import { parseHeader, parseRecord, type ManifestRecord } from '../manifest/record.ts'
import type { AbortFlag } from './abort-flag.ts'
import { EntryLine } from './entry-line.ts'
import { HashStream } from './hash-stream.ts'
import { IndexBuilder } from './index-builder.ts'
import type { IndexData } from './index-data.ts'
import { readLines } from './line-reader.ts'

export interface ScanOptions {
  readonly abort?: AbortFlag
  /** Compute the top hash on the way. @default false */
  readonly hash?: boolean
}

export interface ScanResult {
  readonly index: IndexData
  /** Undefined where it was not asked for. */
  readonly topHash: string | undefined
}

/**
 * Reads a manifest file once, checks every line as the Python client does, and makes its index.
 *
 * @param file descriptor, read from its start with blocking calls
 * @returns undefined for a manifest whose lines are not in the order or form that the Python client writes: it may be
 *   good, but can only be read as a whole (loadManifest)
 * Throws QuiltError of the `manifest-` codes, `invalid-physical-key`, `json-too-deep`, with the line; `aborted`; with
 * `hash` also `entry-incomplete`.
 */
export function scanManifest(
  file: number,
  { abort, hash = false }: ScanOptions = {}
): ScanResult | undefined {
  const scan = new Scan(hash ? new HashStream() : undefined)
  const outcome = readLines(file, (bytes, start, end, position) => scan.line(bytes, start, end, position), {
    ...(abort === undefined ? {} : { abort })
  })
  if (outcome !== 'complete') return undefined
  if (scan.lines === 0) throw new QuiltError('manifest-empty', 'the manifest has no lines')
  const index = scan.builder.finish(fstatSync(file).size, scan.headerLength)
  return index === undefined ? undefined : { index, topHash: scan.hash?.digest() }
}

class Scan {
  lines = 0
  headerLength = 0
  readonly builder = new IndexBuilder()
  readonly hash: HashStream | undefined
  private readonly fields = new EntryLine()

  constructor(hash: HashStream | undefined) {
    this.hash = hash
  }

  /** False where the order or form is not the usual one. */
  line(bytes: Buffer, start: number, end: number, position: number): boolean {
    this.lines++
    const { fields } = this
    if (this.lines === 1) {
      const header = parseHeader({ text: bytes.toString('utf8', start, end) })
      this.hash?.header(header)
      this.headerLength = end - start
      return true
    }
    if (fields.recognise(bytes, start, end)) {
      const hasMeta = !fields.hasEmptyMeta(bytes)
      if (!this.builder.addEntry(bytes, fields.keyStart, fields.keyEnd, fields.size, position, hasMeta))
        return false
      if (this.hash === undefined || this.hash.line(bytes, fields)) return true
      const record = parseRecord({ text: bytes.toString('utf8', start, end), number: this.lines })
      if (record.kind === 'entry') this.hash.entry(record.entry)
      return true
    }
    const text = bytes.toString('utf8', start, end)
    return this.record(parseRecord({ text, number: this.lines }), position, end - start)
  }

  private record(record: ManifestRecord, position: number, length: number): boolean {
    // parts with a slash in them come from a key that was a list
    const text = record.path.join('/')
    if (!text.isWellFormed() || text.split('/').length !== record.path.length) return false
    const key = Buffer.from(text)
    if (record.kind === 'metadata')
      return text.endsWith('/') && isTruthy(record.meta) && this.builder.addMetadata(key, position, length)
    const { size, meta } = record.entry.record
    const hasMeta = !isJsonObject(meta) || meta.size > 0
    if (!this.builder.addEntry(key, 0, key.length, usableSize(size) ?? 0, position, hasMeta)) return false
    this.hash?.entry(record.entry)
    return true
  }
}
