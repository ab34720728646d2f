import type { FileHandle } from 'node:fs/promises'
import { isQuiltError, throwIfAborted } from '../error.ts'
import { maxLineLength } from '../manifest/line-splitter.ts'
import { EntryLine } from './entry-line.ts'
import { LineCursor, type EntryLines } from './line-cursor.ts'
import { lineEnd } from './line-reader.ts'
import { manifestChanged } from './manifest-changed.ts'
import type { ManifestIndex, Point } from './manifest-index.ts'
import { entryOfLine } from './scanned-entry.ts'

/** So much is read and worked through between two turns of the event loop. */
const blockSize = 128 * 1024

const newline = 0x0a

/** Makes something of a line, `bytes[start..end)`. */
export type LineParser<T> = (bytes: Buffer, start: number, end: number, fields: EntryLine) => T | undefined

/** What was read so far of a file: up to `position`. */
interface Block {
  readonly bytes: Buffer<ArrayBuffer>
  readonly filled: number
  readonly position: number
}

/** Reads entries by number from a manifest file that has an index, without blocking. */
export class RangeReader {
  private readonly handle: FileHandle
  private readonly index: ManifestIndex

  constructor(handle: FileHandle, index: ManifestIndex) {
    this.handle = handle
    this.index = index
  }

  /**
   * The entries from number `from` up to, not including, `to`, in batches.
   *
   * Throws QuiltError `manifest-changed` where the file is no longer what the index says, `aborted`.
   */
  async *read<T>(
    from: number,
    to: number,
    parse: LineParser<T>,
    signal?: AbortSignal
  ): AsyncGenerator<readonly T[]> {
    if (from >= to) return
    const start = this.index.pointAt(from)
    let ordinal = start.ordinal
    for await (const { bytes, fields } of this.lines(start, this.index.endOf(to), signal)) {
      const batch: T[] = []
      let at = 0
      while (at < bytes.length && ordinal < to) {
        const end = lineEnd(bytes, at)
        if (ordinal >= from) batch.push(this.parsed(bytes, at, end, fields, parse))
        ordinal++
        at = end + 1
      }
      if (batch.length > 0) yield batch
    }
    if (ordinal < to) throw manifestChanged()
  }

  /** The first entry whose key is that, found by reading from the point before it. */
  async find<T extends { readonly logicalKey: string }>(
    key: string,
    parse: LineParser<T>,
    signal?: AbortSignal
  ): Promise<T | undefined> {
    const point = this.index.pointAtKey(Buffer.from(key))
    for await (const { bytes, fields } of this.lines(point, this.index.endOf(point.ordinal + 1), signal)) {
      let at = 0
      while (at < bytes.length) {
        const end = lineEnd(bytes, at)
        const found = this.parsed(bytes, at, end, fields, parse)
        if (found.logicalKey === key) return found
        at = end + 1
      }
    }
    return undefined
  }

  /** Steps through the entries from number `from`, which is that of a point or 0. */
  cursor(from: number, signal?: AbortSignal): LineCursor {
    const { entries, fileSize } = this.index.data.facts
    return new LineCursor(this.entryLines(this.index.pointAt(from), fileSize, signal), entries - from)
  }

  private async *entryLines(
    start: Point,
    end: number,
    signal: AbortSignal | undefined
  ): AsyncGenerator<EntryLines> {
    for await (const { bytes, fields } of this.lines(start, end, signal))
      yield { bytes, entryAt: (from, to) => this.parsed(bytes, from, to, fields, entryOfLine) }
  }

  /** Whole lines from a point up to an end in the file; each block is good until the next is asked for. */
  private async *lines(
    start: Point,
    end: number,
    signal: AbortSignal | undefined
  ): AsyncGenerator<{ readonly bytes: Buffer; readonly fields: EntryLine }> {
    if (start.position >= end) return
    const fields = new EntryLine()
    let spare = Buffer.alloc(0)
    let reading = this.fill(
      Buffer.allocUnsafe(Math.min(blockSize, end - start.position)),
      0,
      start.position,
      end
    )
    try {
      for (;;) {
        throwIfAborted(signal)
        const { bytes, filled, position } = await reading
        const isLast = position === end
        const whole = isLast ? filled : bytes.subarray(0, filled).lastIndexOf(newline) + 1
        if (!isLast) {
          const rest = filled - whole
          if (rest > maxLineLength) throw manifestChanged()
          const size = rest === bytes.length ? 2 * rest : bytes.length
          const next = spare.length === size ? spare : Buffer.allocUnsafe(size)
          bytes.copy(next, 0, whole, filled)
          // goes on while this block is worked through
          reading = this.fill(next, rest, position, end)
          reading.catch(() => undefined)
          spare = bytes
        }
        if (whole > 0) yield { bytes: bytes.subarray(0, whole), fields }
        if (isLast) return
      }
    } finally {
      // the file is left alone only then
      await Promise.allSettled([reading])
    }
  }

  /** Reads on from a position, behind what a buffer is filled with. */
  private async fill(
    bytes: Buffer<ArrayBuffer>,
    filled: number,
    position: number,
    end: number
  ): Promise<Block> {
    const length = Math.min(bytes.length - filled, end - position)
    const { bytesRead } = await this.handle.read(bytes, filled, length, position)
    if (bytesRead === 0) throw manifestChanged()
    return { bytes, filled: filled + bytesRead, position: position + bytesRead }
  }

  private parsed<T>(bytes: Buffer, start: number, end: number, fields: EntryLine, parse: LineParser<T>): T {
    try {
      const value = parse(bytes, start, end, fields)
      if (value !== undefined) return value
    } catch (error) {
      if (!isQuiltError(error)) throw error
      throw manifestChanged(error)
    }
    throw manifestChanged()
  }
}
