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
  private afterCarriageReturn = false

  /** The lines that end in this chunk. */
  push(chunk: Uint8Array): readonly Line[] {
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (this.afterCarriageReturn && bytes.length > 0) {
      this.afterCarriageReturn = false
      if (bytes[0] === newline) bytes = bytes.subarray(1)
    }
    const lines: Line[] = []
    let start = 0
    let nextReturn = bytes.indexOf(carriageReturn)
    for (;;) {
      let end = bytes.indexOf(newline, start)
      if (nextReturn >= 0 && nextReturn < start) nextReturn = bytes.indexOf(carriageReturn, start)
      if (nextReturn >= 0 && (end < 0 || nextReturn < end)) end = nextReturn
      if (end < 0) break
      lines.push(this.line(bytes.subarray(start, end)))
      start = end + 1
      if (bytes[end] !== carriageReturn) continue
      if (start === bytes.length) this.afterCarriageReturn = true
      else if (bytes[start] === newline) start++
    }
    this.keep(bytes.subarray(start))
    return lines
  }

  /** The last line, where the stream did not end with the end of one. */
  end(): readonly Line[] {
    return this.pending === 0 ? [] : [this.line(Buffer.alloc(0))]
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
    if (bytes.length > maxLineLength) throw this.tooLong()
    this.lines++
    if (!isUtf8(bytes))
      throw new QuiltError('manifest-not-utf8', `line ${this.lines} is not UTF-8`, { line: this.lines })
    return { number: this.lines, text: bytes.toString('utf8') }
  }

  private tooLong(): QuiltError {
    const line = this.lines + 1
    return new QuiltError('manifest-line-too-long', `line ${line} has more than ${maxLineLength} bytes`, {
      line
    })
  }
}
