import { isUtf8 } from 'node:buffer'
import { ToolFailure } from './tool-failure.ts'

export interface DecodeOptions {
  readonly encoding: 'auto' | 'text' | 'base64'
  /** The bytes begin at the start of the file. */
  readonly isStart: boolean
  /** The bytes go to the end of the file. */
  readonly isEnd: boolean
}

export interface Decoded {
  readonly encoding: 'text' | 'base64'
  readonly content: string
  /** Bytes at the beginning that belong to a character before them, and are left out. */
  readonly skipped: number
  /** Bytes that content stands for. */
  readonly used: number
}

/**
 * Bytes of a file as text where they are UTF-8 without NUL, else as base64. A character cut by either end of the range
 * is left out. Throws ToolFailure `not-text` where text is asked for and the bytes are none.
 */
export function decode(bytes: Buffer, { encoding, isStart, isEnd }: DecodeOptions): Decoded {
  if (encoding !== 'base64') {
    const skipped = isStart ? 0 : continuationBytes(bytes)
    const text = bytes.subarray(skipped, isEnd ? bytes.length : completeEnd(bytes))
    if (isUtf8(text) && !text.includes(0))
      return { encoding: 'text', content: text.toString('utf8'), skipped, used: text.length }
    if (encoding === 'text')
      throw new ToolFailure('not-text', 'these bytes are not text in UTF-8', {
        next: 'Call again with encoding base64.'
      })
  }
  return { encoding: 'base64', content: bytes.toString('base64'), skipped: 0, used: bytes.length }
}

/** How many of the first bytes, three at most, continue a character that began before them. */
function continuationBytes(bytes: Buffer): number {
  let count = 0
  while (count < 3 && ((bytes[count] ?? 0) & 0xc0) === 0x80) count++
  return count
}

/** Where the last complete character ends. */
function completeEnd(bytes: Buffer): number {
  const from = Math.max(0, bytes.length - 3)
  for (let index = bytes.length - 1; index >= from; index--) {
    const byte = bytes[index] ?? 0
    if ((byte & 0xc0) === 0x80) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return index + length > bytes.length ? index : bytes.length
  }
  return bytes.length
}
