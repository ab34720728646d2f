import { createHash, type Hash } from 'node:crypto'
import { QuiltError, quoted } from '../error.ts'
import { hashTypes, type EntryHash, type HashType } from '../types.ts'
import { chunkSizeFor } from './chunk-size.ts'
import { Crc64Nvme } from './crc64nvme.ts'

/** Takes the bytes of one object in order, and then gives its checksum. */
export interface Hasher {
  update(bytes: Uint8Array): void
  /** Once, after the last byte. */
  digest(): EntryHash
}

/** Throws QuiltError `unsupported-hash` unless the type is one that can be computed. */
export function checkHashType(type: string): HashType {
  const known = hashTypes.find((each) => each === type)
  if (known === undefined)
    throw new QuiltError(
      'unsupported-hash',
      `Unsupported hash type: ${quoted(type)}. Supported types: SHA256, sha2-256-chunked, CRC64NVME.`
    )
  return known
}

/**
 * A hasher for an object of `size` bytes (quilt3 8.0.0, checksums.py). The size is needed before the first byte: it
 * decides the chunks of sha2-256-chunked, and `digest` throws QuiltError `size-mismatch` where the bytes were others.
 */
export function createHasher(type: HashType, size: number): Hasher {
  switch (type) {
    case 'sha2-256-chunked':
      return new ChunkedSha256(size)
    case 'SHA256': {
      const hash = createHash('sha256')
      return {
        update: (bytes) => void hash.update(bytes),
        digest: () => ({ type, value: hash.digest('hex') })
      }
    }
    case 'CRC64NVME': {
      const crc = new Crc64Nvme()
      return {
        update: (bytes) => crc.update(bytes),
        digest: () => ({ type, value: crc.digest().toString('base64') })
      }
    }
  }
}

class ChunkedSha256 implements Hasher {
  private readonly size: number
  private readonly chunkSize: number
  private readonly whole = createHash('sha256')
  private chunk: Hash | undefined
  private seen = 0

  constructor(size: number) {
    this.size = size
    this.chunkSize = chunkSizeFor(size)
  }

  update(bytes: Uint8Array): void {
    let rest = bytes
    while (rest.length > 0) {
      const room = this.chunkSize - (this.seen % this.chunkSize)
      const part = rest.subarray(0, room)
      this.chunk ??= createHash('sha256')
      this.chunk.update(part)
      this.seen += part.length
      if (part.length === room) this.endChunk()
      rest = rest.subarray(room)
    }
  }

  digest(): EntryHash {
    if (this.seen !== this.size)
      throw new QuiltError('size-mismatch', `${this.seen} bytes were read where ${this.size} were expected`)
    this.endChunk()
    return { type: 'sha2-256-chunked', value: this.whole.digest('base64') }
  }

  private endChunk(): void {
    if (this.chunk !== undefined) this.whole.update(this.chunk.digest())
    this.chunk = undefined
  }
}

/** The sha2-256-chunked checksum that the SHA-256 digests of all chunks, in order, make. */
export function combineChunkDigests(digests: Uint8Array): EntryHash {
  return { type: 'sha2-256-chunked', value: createHash('sha256').update(digests).digest('base64') }
}
