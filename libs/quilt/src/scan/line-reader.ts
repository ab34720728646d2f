import { isUtf8 } from 'node:buffer'
import { readSync } from 'node:fs'
import { QuiltError } from '../error.ts'
import { maxLineLength } from '../manifest/line-splitter.ts'
import type { AbortFlag } from './abort-flag.ts'

const blockSize = 1024 * 1024
const newline = 0x0a
const carriageReturn = 0x0d

/**
 * Sees one line: `bytes[start..end)` without the newline, at `position` in the file. The bytes are good only during the
 * call. False ends the reading.
 */
export type LineVisitor = (bytes: Buffer, start: number, end: number, position: number) => boolean

export interface LineReaderOptions {
  readonly abort?: AbortFlag
  /** Where to begin; the start of a line. @default 0 */
  readonly position?: number
}

/** Sees whole lines, which start at `position` in the file. The bytes are good only during the call. False ends the reading. */
export type BlockVisitor = (bytes: Buffer, position: number) => boolean

/**
 * Reads a file line by line with blocking calls, for a worker thread. Only `\n` ends a line here.
 *
 * @returns `complete`, `stopped` by the visitor, or `irregular` as soon as the file has a carriage return: its lines
 *   are then others than these, see LineSplitter
 * Throws QuiltError `manifest-not-utf8`, `manifest-line-too-long`, `aborted`.
 */
export function readLines(
  file: number,
  visit: LineVisitor,
  options: LineReaderOptions = {}
): 'complete' | 'stopped' | 'irregular' {
  return readBlocks(file, (bytes, position) => visitLines(bytes, position, visit), options)
}

/** Reads a file in blocks of whole lines, about 1 MiB each. Returns and throws as readLines does. */
export function readBlocks(
  file: number,
  visit: BlockVisitor,
  { abort, position = 0 }: LineReaderOptions = {}
): 'complete' | 'stopped' | 'irregular' {
  let buffer: Buffer = Buffer.allocUnsafeSlow(blockSize)
  let filled = 0
  let base = position
  for (;;) {
    abort?.check()
    if (filled === buffer.length) buffer = grown(buffer, base)
    const count = readSync(file, buffer, filled, buffer.length - filled, base + filled)
    const from = filled
    filled += count
    const end = count === 0 ? filled : buffer.subarray(0, filled).lastIndexOf(newline) + 1
    if (count > 0 && end <= from) continue
    const whole = buffer.subarray(0, end)
    if (!isUtf8(whole))
      throw new QuiltError('manifest-not-utf8', `bytes ${base} to ${base + end} are not all UTF-8`)
    if (whole.includes(carriageReturn)) return 'irregular'
    if (!visit(whole, base)) return 'stopped'
    if (count === 0) return 'complete'
    buffer.copy(buffer, 0, end, filled)
    base += end
    filled -= end
  }
}

/** Where the line ends that begins at `from`: its `\n`, or the end of the bytes. */
export function lineEnd(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(newline, from)
  return end < 0 ? bytes.length : end
}

function visitLines(bytes: Buffer, base: number, visit: LineVisitor): boolean {
  let start = 0
  while (start < bytes.length) {
    const end = lineEnd(bytes, start)
    if (end - start > maxLineLength) throw tooLong(base + start)
    if (!visit(bytes, start, end, base + start)) return false
    start = end + 1
  }
  return true
}

function grown(buffer: Buffer, position: number): Buffer {
  if (buffer.length > maxLineLength) throw tooLong(position)
  const larger = Buffer.allocUnsafeSlow(buffer.length * 2)
  buffer.copy(larger)
  return larger
}

function tooLong(position: number): QuiltError {
  return new QuiltError(
    'manifest-line-too-long',
    `the line at byte ${position} has more than ${maxLineLength} bytes`
  )
}
