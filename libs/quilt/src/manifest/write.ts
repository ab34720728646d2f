import type { JsonObject, JsonValue } from '../json/value.ts'
import type { Entry } from '../types.ts'
import { entryLine, folderMetadataLine, headerLine } from './lines.ts'

/** What a manifest is made of. Entries and folders are in walk order; that is not checked here. */
export interface ManifestContent {
  readonly header: JsonObject
  /** Metadata of folders, keys with a final `/`; none that is falsy. @default none */
  readonly folderMetadata?: Iterable<readonly [string, JsonValue]>
  readonly entries: Iterable<Entry> | AsyncIterable<Entry>
}

const blockSize = 1024 * 1024

/**
 * The bytes of a manifest, in blocks of about 1 MiB: header, metadata of folders, entries, each line ended by `\n`.
 *
 * Throws QuiltError `json-not-encodable`, `record-too-large`.
 */
export async function* writeManifest(content: ManifestContent): AsyncGenerator<Buffer> {
  const block = new LineBlock()
  block.add(headerLine(content.header))
  for (const [key, meta] of content.folderMetadata ?? []) {
    block.add(folderMetadataLine(key, meta))
    if (block.full) yield block.take()
  }
  for await (const entry of content.entries) {
    block.add(entryLine(entry))
    if (block.full) yield block.take()
  }
  yield block.take()
}

class LineBlock {
  private text = ''

  get full(): boolean {
    return this.text.length >= blockSize
  }

  add(line: string): void {
    this.text += `${line}\n`
  }

  take(): Buffer {
    const bytes = Buffer.from(this.text)
    this.text = ''
    return bytes
  }
}
