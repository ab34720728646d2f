import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { fromSystemError, QuiltError, throwIfAborted } from '../error.ts'
import type { CallOptions, EntryHash, HashType } from '../types.ts'
import { createHasher } from './hasher.ts'

/** Checksum and size of a file. */
export interface FileHash {
  /** Bytes. */
  readonly size: number
  readonly hash: EntryHash
}

/**
 * Reads a file once and gives its checksum.
 *
 * Throws QuiltError `object-not-found`, `access-denied`, `object-changed` where the file grew or shrank meanwhile,
 * `storage-failed`, `aborted`.
 */
export async function hashFile(
  file: string,
  type: HashType = 'sha2-256-chunked',
  { signal }: CallOptions = {}
): Promise<FileHash> {
  try {
    const { size } = await stat(file)
    const hasher = createHasher(type, size)
    let seen = 0
    for await (const piece of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
      throwIfAborted(signal)
      if (!(piece instanceof Uint8Array)) throw new TypeError('a file stream gave text')
      seen += piece.length
      hasher.update(piece)
    }
    if (seen !== size)
      throw new QuiltError('object-changed', `${file} had ${size} bytes, then ${seen}`, { where: file })
    return { size, hash: hasher.digest() }
  } catch (error) {
    throw fromSystemError(error, file)
  }
}
