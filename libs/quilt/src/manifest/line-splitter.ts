import { isUtf8 } from 'node:buffer'
import { QuiltError } from '../error.ts'

/** Bytes of the longest line that is read. */
export const maxLineLength = 16 * 1024 * 1024

const newline = 0x0a
const carriageReturn = 0x0d

/** One line of a manifest, without its end. */
export interface Line {
  /** From 1. */
  readonly number: number
  readonly text: string
  /** Where it starts in the stream, and its bytes without the end. */
  readonly position: number
  readonly length: number
}

/**
 * Cuts a stream of bytes into lines as Python's text mode does: `\n`, `\r\n` and `\r` end a line, U+2028 and U+0085 do
 * not, and the last line needs no end. Holds at most one line besides the chunk it was given.
 *
 * Throws QuiltError `manifest-not-utf8` and `manifest-line-too-long`, with the line.
 */
export class LineSplitter {
  private readonly pieces: Buffer[] = []
  private pending = 0
  private lines = 0
  /** Where the line that is not complete yet starts. */
  private position = 0
  private afterCarriageReturn = false

  /** The lines that end in this chunk. */
  push(chunk: Uint8Array): readonly Line[] {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const lines: Line[] = []
    let start = 0
    if (this.afterCarriageReturn && bytes.length > 0) {
      this.afterCarriageReturn = false
      if (bytes[0] === newline) start = this.skip(0)
    }
    // the next of each kind is kept: a file with one kind only must not be searched to its end for each line
    let nextNewline = bytes.indexOf(newline, start)
    let nextReturn = bytes.indexOf(carriageReturn, start)
    for (;;) {
      if (nextNewline >= 0 && nextNewline < start) nextNewline = bytes.indexOf(newline, start)
      if (nextReturn >= 0 && nextReturn < start) nextReturn = bytes.indexOf(carriageReturn, start)
      const end = nextReturn >= 0 && (nextNewline < 0 || nextReturn < nextNewline) ? nextReturn : nextNewline
      if (end < 0) break
      lines.push(this.line(bytes.subarray(start, end)))
      start = end + 1
      if (bytes[end] !== carriageReturn) continue
      if (start === bytes.length) this.afterCarriageReturn = true
      else if (bytes[start] === newline) start = this.skip(start)
    }
    this.keep(bytes.subarray(start))
    return lines
  }

  /** The last line, where the stream did not end with the end of one. */
  end(): readonly Line[] {
    return this.pending === 0 ? [] : [this.line(Buffer.alloc(0))]
  }

  /** Steps over the second byte of `\r\n`. */
  private skip(at: number): number {
    this.position++
    return at + 1
  }

  private keep(rest: Buffer): void {
    if (rest.length === 0) return
    // a copy: the caller may use its buffer again
    this.pieces.push(Buffer.from(rest))
    this.pending += rest.length
    if (this.pending > maxLineLength) throw this.tooLong()
  }

  private line(last: Buffer): Line {
    const bytes = this.pending === 0 ? last : Buffer.concat([...this.pieces, last])
    this.pieces.length = 0
    this.pending = 0
    const { length } = bytes
    if (length > maxLineLength) throw this.tooLong()
    this.lines++
    if (!isUtf8(bytes))
      throw new QuiltError('manifest-not-utf8', `line ${this.lines} is not UTF-8`, { line: this.lines })
    const { position } = this
    this.position += length + 1
    return { number: this.lines, text: bytes.toString('utf8'), position, length }
  }

  private tooLong(): QuiltError {
    const line = this.lines + 1
    return new QuiltError('manifest-line-too-long', `line ${line} has more than ${maxLineLength} bytes`, {
      line
    })
  }
}
