import type { FileHandle } from 'node:fs/promises'
import { isQuiltError, QuiltError, throwIfAborted } from '../error.ts'
import { maxLineLength } from '../manifest/line-splitter.ts'
import { EntryLine } from './entry-line.ts'
import type { ManifestIndex, Point } from './manifest-index.ts'

/** So much is read and worked through between two turns of the event loop. */
const blockSize = 64 * 1024

const newline = 0x0a

/** Makes something of a line, `bytes[start..end)`. */
export type LineParser<T> = (bytes: Buffer, start: number, end: number, fields: EntryLine) => T | undefined

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
    if (ordinal < to) throw this.changed()
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

  private async *lines(
    start: Point,
    end: number,
    signal: AbortSignal | undefined
  ): AsyncGenerator<{ readonly bytes: Buffer; readonly fields: EntryLine }> {
    const fields = new EntryLine()
    let buffer = Buffer.allocUnsafe(Math.min(blockSize, end - start.position))
    let position = start.position
    let filled = 0
    while (position < end) {
      throwIfAborted(signal)
      if (filled === buffer.length) {
        if (filled > maxLineLength) throw this.changed()
        buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)])
      }
      const { bytesRead } = await this.handle.read(
        buffer,
        filled,
        Math.min(buffer.length - filled, end - position),
        position
      )
      if (bytesRead === 0) throw this.changed()
      position += bytesRead
      filled += bytesRead
      const whole = position === end ? filled : buffer.subarray(0, filled).lastIndexOf(newline) + 1
      if (whole === 0) continue
      yield { bytes: buffer.subarray(0, whole), fields }
      buffer.copy(buffer, 0, whole, filled)
      filled -= whole
    }
  }

  private parsed<T>(bytes: Buffer, start: number, end: number, fields: EntryLine, parse: LineParser<T>): T {
    try {
      const value = parse(bytes, start, end, fields)
      if (value !== undefined) return value
    } catch (error) {
      if (!isQuiltError(error)) throw error
      throw new QuiltError('manifest-changed', 'the manifest file has changed since it was opened', {
        cause: error
      })
    }
    throw this.changed()
  }

  private changed(): QuiltError {
    return new QuiltError('manifest-changed', 'the manifest file has changed since it was opened')
  }
}

function lineEnd(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(newline, from)
  return end < 0 ? bytes.length : end
}
