import { createHash } from 'node:crypto'
import { encodeForHash } from './json/encode.ts'
import type { JsonObject } from './json/value.ts'
import { encodeEntryForHash } from './scan/hash-stream.ts'
import type { Entry } from './types.ts'

const blockSize = 64 * 1024

/**
 * The top hash of a package, in constant memory: SHA-256 over the header and the entries in walk order, each in the
 * hash encoding, without separators. Physical keys and the metadata of folders are not part of it (quilt3 8.0.0,
 * packages.py `_calculate_top_hash`).
 */
export class TopHasher {
  private readonly hash = createHash('sha256')
  private text: string

  /** @param header without `top_hash` */
  constructor(header: JsonObject) {
    this.text = encodeForHash(header)
  }

  /** Adds the next entry in walk order. Throws QuiltError `entry-incomplete` where its hash or size is null. */
  add(entry: Entry): void {
    this.text += encodeEntryForHash(entry)
    if (this.text.length >= blockSize) this.flush()
  }

  /** 64 lower-case hexadecimal digits. Nothing can be added after it. */
  digest(): string {
    this.flush()
    return this.hash.digest('hex')
  }

  private flush(): void {
    this.hash.update(this.text, 'latin1')
    this.text = ''
  }
}

/** The top hash of a header and its entries in walk order. Throws QuiltError `entry-incomplete`. */
export async function topHash(
  header: JsonObject,
  entries: Iterable<Entry> | AsyncIterable<Entry>
): Promise<string> {
  const hasher = new TopHasher(header)
  for await (const entry of entries) hasher.add(entry)
  return hasher.digest()
}
