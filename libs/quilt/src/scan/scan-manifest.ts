import { fstatSync } from 'node:fs'
import { usableSize } from '../entry.ts'
import { isQuiltError, QuiltError } from '../error.ts'
import { isJsonObject, isTruthy } from '../json/value.ts'
import { parseHeader, parseRecord, type ManifestRecord } from '../manifest/record.ts'
import type { AbortFlag } from './abort-flag.ts'
import { EntryLine } from './entry-line.ts'
import { IndexBuilder } from './index-builder.ts'
import type { IndexData } from './index-data.ts'
import { readLines } from './line-reader.ts'

/**
 * Reads a manifest file once, checks every line as the Python client does, and makes its index.
 *
 * @param file descriptor, read from its start with blocking calls
 * @returns undefined for a manifest whose lines are not in the order or form that the Python client writes: it may be
 *   good, but can only be read as a whole (loadManifest)
 * Throws QuiltError of the `manifest-` codes, `invalid-physical-key`, `json-too-deep`, with the line; `aborted`.
 */
export function scanManifest(file: number, abort?: AbortFlag): IndexData | undefined {
  const scan = new Scan()
  const end = readLines(file, (bytes, start, end, position) => scan.line(bytes, start, end, position), {
    ...(abort === undefined ? {} : { abort })
  })
  if (end !== 'complete') return undefined
  if (scan.lines === 0) throw new QuiltError('manifest-empty', 'the manifest has no lines')
  return scan.builder.finish(fstatSync(file).size, scan.headerLength)
}

class Scan {
  lines = 0
  headerLength = 0
  readonly builder = new IndexBuilder()
  private readonly fields = new EntryLine()

  /** False where the order or form is not the usual one. */
  line(bytes: Buffer, start: number, end: number, position: number): boolean {
    this.lines++
    const { fields } = this
    if (this.lines === 1) {
      parseHeader({ text: bytes.toString('utf8', start, end) })
      this.headerLength = end - start
      return true
    }
    if (fields.recognise(bytes, start, end)) {
      const hasMeta = !fields.hasEmptyMeta(bytes)
      return this.builder.addEntry(bytes, fields.keyStart, fields.keyEnd, fields.size, position, hasMeta)
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
    return this.builder.addEntry(key, 0, key.length, usableSize(size) ?? 0, position, hasMeta)
  }
}

/** The error with the file it happened in, where it is one of ours. */
export function inFile(error: unknown, file: string): unknown {
  return isQuiltError(error) ? error.at({ where: file }) : error
}
