import type { FileHandle } from 'node:fs/promises'
import type { JsonObject, JsonValue } from '../json/value.ts'
import type { Entry } from '../types.ts'
import { entryLine, folderMetadataLine, headerLine, maxRecordSize } from './lines.ts'
import { putUsualLine } from './usual-line.ts'

/** What a manifest is made of. Entries and folders are in walk order; that is not checked here. */
export interface ManifestContent {
  readonly header: JsonObject
  /** Metadata of folders, keys with a final `/`; none that is falsy. @default none */
  readonly folderMetadata?: Iterable<readonly [string, JsonValue]>
  readonly entries: Iterable<Entry> | AsyncIterable<Entry>
}

const blockSize = 256 * 1024

/**
 * The bytes of a manifest, in blocks of about 256 KiB: header, metadata of folders, entries, each line ended by `\n`.
 *
 * Throws QuiltError `json-not-encodable`, `record-too-large`.
 */
export async function* writeManifest(content: ManifestContent): AsyncGenerator<Buffer> {
  for await (const block of blocks(content)) yield Buffer.from(block)
}

/**
 * Writes a manifest to an open file, from where it stands, in less memory than with writeManifest.
 *
 * @returns bytes written
 * Throws QuiltError `json-not-encodable`, `record-too-large`, and the system's errors.
 */
export async function writeManifestFile(handle: FileHandle, content: ManifestContent): Promise<number> {
  let written = 0
  let writing: Promise<void> | undefined
  try {
    for await (const block of blocks(content)) {
      await writing
      // goes on while the next block is made
      writing = writeAll(handle, block)
      // told when it is waited for, which may be after it has failed
      writing.catch(() => undefined)
      written += block.length
    }
    await writing
    return written
  } finally {
    // the file is left alone only then
    await Promise.allSettled([writing])
  }
}

async function writeAll(handle: FileHandle, block: Buffer): Promise<void> {
  for (let at = 0; at < block.length;) at += (await handle.write(block, at)).bytesWritten
}

/** Blocks that are good until the next but one is asked for: two take turns. */
async function* blocks(content: ManifestContent): AsyncGenerator<Buffer> {
  const block = new LineBlock()
  block.add(headerLine(content.header))
  for (const [key, meta] of content.folderMetadata ?? []) {
    block.add(folderMetadataLine(key, meta))
    if (block.isFull) yield block.take()
  }
  if (Symbol.iterator in content.entries)
    // waiting for each of a million would take as long as writing them
    for (const entry of content.entries) {
      block.addEntry(entry)
      if (block.isFull) yield block.take()
    }
  else
    for await (const entry of content.entries) {
      block.addEntry(entry)
      if (block.isFull) yield block.take()
    }
  yield block.take()
}

/** Room for the line that makes a block full. */
const blockMargin = 16 * 1024

class LineBlock {
  private bytes = Buffer.allocUnsafeSlow(blockSize + blockMargin)
  private other = Buffer.allocUnsafeSlow(blockSize + blockMargin)
  private length = 0

  get isFull(): boolean {
    return this.length >= blockSize
  }

  addEntry(entry: Entry): void {
    const end = putUsualLine(this.bytes, this.length, entry)
    // in a block that has grown, a line may be longer than quilt3 allows
    if (end < 0 || end - this.length > maxRecordSize) this.add(entryLine(entry))
    else {
      this.bytes[end] = 0x0a
      this.length = end + 1
    }
  }

  add(line: string): void {
    // a UTF-16 unit has at most three bytes
    const room = line.length * 3 + 1
    if (this.length + room > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(this.bytes.length + room)
      this.bytes.copy(larger, 0, 0, this.length)
      this.bytes = larger
    }
    this.length += this.bytes.write(line, this.length)
    this.bytes[this.length++] = 0x0a
  }

  /** What was added since the last time, good until something is taken again. */
  take(): Buffer {
    const taken = this.bytes.subarray(0, this.length)
    ;[this.bytes, this.other] = [this.other, this.bytes]
    this.length = 0
    return taken
  }
}
