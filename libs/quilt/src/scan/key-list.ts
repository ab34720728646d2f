import { readSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { parseRecord } from '../manifest/record.ts'
import type { AbortFlag } from './abort-flag.ts'
import { EntryLine } from './entry-line.ts'
import { readLines } from './line-reader.ts'

/** Ends each key in a key list: no byte of UTF-8. */
const keyEnd = 0xff

const blockSize = 512 * 1024

/** In front of each block: bytes and keys in it, and its checksum. */
const blockHeader = 12

/** Goes into the checksums, so that a list of keys that were folded otherwise is one that is damaged: it is made anew. */
const foldVersion = 1

const lowerCase = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
)

/**
 * The text as keys are listed and searched: in lower case. The sigma that ends a word is the one within: which of them
 * a capital one becomes depends on what stands around it, and a search is for a part.
 */
export function foldKey(text: string): string {
  return text.toLowerCase().replaceAll('ς', 'σ')
}

/**
 * Writes the keys of a scanned manifest to a file to be searched: in lower case, in walk order, in blocks that each
 * have a checksum.
 *
 * @param file descriptor of the manifest @param firstEntry position of its first entry @param out descriptor to write to
 */
export function writeKeyList(file: number, firstEntry: number, out: number, abort?: AbortFlag): void {
  const fields = new EntryLine()
  const block = new KeyBlock(out)
  readLines(
    file,
    (bytes, start, end) => {
      if (fields.recognise(bytes, start, end)) block.add(bytes, fields.keyStart, fields.keyEnd)
      else {
        const key = Buffer.from(
          parseRecord({ text: bytes.toString('utf8', start, end), number: 0 }).path.join('/')
        )
        block.add(key, 0, key.length)
      }
      return true
    },
    { position: firstEntry, ...(abort === undefined ? {} : { abort }) }
  )
  block.flush()
}

class KeyBlock {
  private readonly out: number
  private bytes = Buffer.allocUnsafeSlow(blockSize * 2)
  private length = blockHeader
  private keys = 0

  constructor(out: number) {
    this.out = out
  }

  add(source: Buffer, start: number, end: number): void {
    // lower case may have more bytes than the key, three times as many at most
    const room = (end - start) * 3 + 1
    if (this.length + room > this.bytes.length) this.grow(room)
    const before = this.length
    let { length } = this
    for (let index = start; index < end; index++) {
      const byte = source[index] ?? 0
      if (byte >= 0x80) {
        length = before + this.bytes.write(foldKey(source.toString('utf8', start, end)), before)
        break
      }
      this.bytes[length++] = lowerCase[byte] ?? 0
    }
    this.bytes[length++] = keyEnd
    this.length = length
    this.keys++
    if (this.length >= blockSize) this.flush()
  }

  flush(): void {
    if (this.keys === 0) return
    this.bytes.writeUInt32LE(this.length - blockHeader, 0)
    this.bytes.writeUInt32LE(this.keys, 4)
    this.bytes.writeUInt32LE(crc32(this.bytes.subarray(blockHeader, this.length), foldVersion), 8)
    writeFully(this.out, this.bytes.subarray(0, this.length))
    this.length = blockHeader
    this.keys = 0
  }

  private grow(room: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + room))
    this.bytes.copy(larger, 0, 0, this.length)
    this.bytes = larger
  }
}

function writeFully(out: number, bytes: Uint8Array): void {
  let written = 0
  while (written < bytes.length) written += writeSync(out, bytes, written)
}

/** One page of what a search in a manifest found. */
export interface Found {
  /** Entries that match, in the whole manifest. */
  readonly total: number
  /** Numbers of the entries on this page, in walk order. */
  readonly ordinals: readonly number[]
}

export interface SearchOptions {
  /** As foldKey gives it; not empty. */
  readonly text: string
  /** The page starts behind the entry of this number; -1 for the first page. */
  readonly after: number
  /** Entries on the page. */
  readonly limit: number
  readonly abort?: AbortFlag
}

/**
 * Searches a key list for keys that contain a text.
 *
 * @param file descriptor of the key list @param entries keys it must have
 * @returns undefined where the list is damaged
 */
export function searchKeyList(
  file: number,
  entries: number,
  { text, after, limit, abort }: SearchOptions
): Found | undefined {
  const needle = Buffer.from(text)
  const ordinals: number[] = []
  let total = 0
  let first = 0
  let position = 0
  const reader = new BlockReader(file)
  for (;;) {
    abort?.check()
    const block = reader.read(position)
    if (block === 'damaged') return undefined
    if (block === 'end') return first === entries ? { total, ordinals } : undefined
    const { keys, bytes } = block
    let counted = 0
    let ordinal = first
    for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at)) {
      total++
      if (ordinals.length < limit && first + keys > after + 1) {
        for (let end = bytes.indexOf(keyEnd, counted); end < at; end = bytes.indexOf(keyEnd, counted)) {
          ordinal++
          counted = end + 1
        }
        if (ordinal > after) ordinals.push(ordinal)
      }
      at = bytes.indexOf(keyEnd, at) + 1
    }
    first += keys
    position += blockHeader + bytes.length
  }
}

/** Reads blocks into one buffer: a thread collects its garbage too seldom to leave it one for each block. */
class BlockReader {
  private readonly file: number
  private buffer = Buffer.allocUnsafeSlow(blockSize * 2)

  constructor(file: number) {
    this.file = file
  }

  /** The block at a position of the file, its keys in `bytes`, which are good until the next read. */
  read(position: number): { readonly keys: number; readonly bytes: Buffer } | 'damaged' | 'end' {
    const count = readSync(this.file, this.buffer, 0, blockHeader, position)
    if (count === 0) return 'end'
    const length = this.buffer.readUInt32LE(0)
    const keys = this.buffer.readUInt32LE(4)
    const checksum = this.buffer.readUInt32LE(8)
    if (count < blockHeader || length > maxBlock) return 'damaged'
    if (length > this.buffer.length) this.buffer = Buffer.allocUnsafeSlow(length)
    const bytes = this.buffer.subarray(0, length)
    if (readSync(this.file, bytes, 0, length, position + blockHeader) < length) return 'damaged'
    return crc32(bytes, foldVersion) === checksum ? { keys, bytes } : 'damaged'
  }
}

/** No block is larger: a damaged length must not make us take all memory. */
const maxBlock = 64 * 1024 * 1024
