import { readSync, writeSync } from 'node:fs'
import { isTruthy } from '../json/value.ts'
import { LineSplitter } from '../manifest/line-splitter.ts'
import { parseHeader, parseRecord } from '../manifest/record.ts'
import { QuiltError } from '../error.ts'
import type { AbortFlag } from './abort-flag.ts'
import { Float64Column, TextColumn, Uint32Column } from './column.ts'
import { EntryLine } from './entry-line.ts'
import { compareKeyBytes } from './walk-cursor.ts'

const blockSize = 1024 * 1024

/**
 * Writes a copy of a manifest with its lines in the order of a walk, metadata of folders first, each ended by `\n`. The
 * lines themselves stay as they are. Holds the keys and positions of all lines in memory, not the lines.
 *
 * @param file descriptor of the manifest @param out descriptor to write to
 * @returns false where the order matters: metadata of something that is no folder, or that would be lost
 * Throws QuiltError as readManifest does, `aborted`.
 */
export function sortManifest(file: number, out: number, abort?: AbortFlag): boolean {
  const lines = new LineTable()
  let isOrderFree = true
  let position = 0
  const splitter = new LineSplitter()
  const fields = new EntryLine()
  const buffer = Buffer.allocUnsafeSlow(blockSize)
  const see = (text: string, number: number, start: number, length: number): void => {
    if (number === 1) {
      parseHeader({ text })
      lines.header = { position: start, length }
      return
    }
    const bytes = Buffer.from(text)
    if (fields.recognise(bytes, 0, bytes.length)) {
      lines.addEntry(bytes, fields.keyStart, fields.keyEnd, start, length)
      return
    }
    const record = parseRecord({ text, number })
    const joined = record.path.join('/')
    const key = Buffer.from(joined)
    const isPlain = joined.isWellFormed() && joined.split('/').length === record.path.length
    if (record.kind === 'entry') lines.addEntry(key, 0, key.length, start, length)
    else lines.addMetadata(key, start, length)
    if (!isPlain || (record.kind === 'metadata' && !(joined.endsWith('/') && isTruthy(record.meta))))
      isOrderFree = false
  }
  for (;;) {
    abort?.check()
    const count = readSync(file, buffer, 0, buffer.length, position)
    const found = count === 0 ? splitter.end() : splitter.push(buffer.subarray(0, count))
    for (const line of found) see(line.text, line.number, line.position, line.length)
    if (count === 0) break
    position += count
  }
  if (!isOrderFree) return false
  lines.write(file, out, abort)
  return true
}

class LineTable {
  header: { readonly position: number; readonly length: number } | undefined
  private readonly keys = new TextColumn()
  private readonly positions = new Float64Column()
  private readonly lengths = new Uint32Column()
  private readonly metadata: { readonly key: Buffer; readonly position: number; readonly length: number }[] =
    []

  addEntry(bytes: Uint8Array, start: number, end: number, position: number, length: number): void {
    this.keys.push(bytes, start, end)
    this.positions.push(position)
    this.lengths.push(length)
  }

  addMetadata(key: Buffer, position: number, length: number): void {
    this.metadata.push({ key, position, length })
  }

  /** Copies the lines in order. */
  write(file: number, out: number, abort: AbortFlag | undefined): void {
    if (this.header === undefined) throw new QuiltError('manifest-empty', 'the manifest has no lines')
    const copy = new LineCopy(file, out)
    copy.line(this.header.position, this.header.length)
    for (const { position, length } of this.metadata.sort((a, b) => compareKeyBytes(a.key, b.key)))
      copy.line(position, length)
    for (const line of this.order()) {
      abort?.check()
      copy.line(this.positions.get(line), this.lengths.get(line))
    }
    copy.flush()
  }

  private order(): Uint32Array {
    const bytes = this.keys.bytesView()
    const offsets = this.keys.offsetsView()
    const key = (line: number): Uint8Array => bytes.subarray(offsets[line], offsets[line + 1])
    return Uint32Array.from({ length: this.keys.length }, (_, line) => line).sort((a, b) =>
      compareKeyBytes(key(a), key(b))
    )
  }
}

class LineCopy {
  private readonly file: number
  private readonly out: number
  private block = Buffer.allocUnsafeSlow(blockSize)
  private length = 0

  constructor(file: number, out: number) {
    this.file = file
    this.out = out
  }

  line(position: number, length: number): void {
    if (this.length + length + 1 > this.block.length) this.flush()
    if (length + 1 > this.block.length) this.block = Buffer.allocUnsafeSlow(length + 1)
    let read = 0
    while (read < length) {
      const count = readSync(this.file, this.block, this.length + read, length - read, position + read)
      if (count === 0)
        throw new QuiltError('manifest-changed', 'the manifest became shorter while it was read')
      read += count
    }
    this.block[this.length + length] = 0x0a
    this.length += length + 1
  }

  flush(): void {
    let written = 0
    while (written < this.length) written += writeSync(this.out, this.block, written, this.length - written)
    this.length = 0
  }
}
