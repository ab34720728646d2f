import { createHash } from 'node:crypto'
import { readSync } from 'node:fs'
import { QuiltError } from '../error.ts'
import type { AbortFlag } from '../scan/abort-flag.ts'

const pieceSize = 1024 * 1024
const digestSize = 32

/** The chunks of one file that several threads hash together. */
export interface ChunkWork {
  /** Descriptor, read with blocking calls. */
  readonly file: number
  /** Bytes of the file. */
  readonly size: number
  readonly chunkSize: number
  /** One 32-bit number: the next chunk that nobody has taken. */
  readonly next: SharedArrayBuffer
  /** 32 bytes for each chunk. */
  readonly digests: SharedArrayBuffer
}

/** Takes chunks and hashes them until none is left. Throws QuiltError `object-changed` where the file became shorter. */
export function hashChunks({ file, size, chunkSize, next, digests }: ChunkWork, abort: AbortFlag): void {
  const counter = new Int32Array(next)
  const out = new Uint8Array(digests)
  const piece = Buffer.allocUnsafeSlow(pieceSize)
  for (;;) {
    const chunk = Atomics.add(counter, 0, 1)
    const start = chunk * chunkSize
    if (start >= size) return
    const hash = createHash('sha256')
    const end = Math.min(start + chunkSize, size)
    for (let at = start; at < end;) {
      abort.check()
      const count = readSync(file, piece, 0, Math.min(pieceSize, end - at), at)
      if (count === 0) throw new QuiltError('object-changed', `the file ended at ${at} of ${size} bytes`)
      hash.update(piece.subarray(0, count))
      at += count
    }
    out.set(hash.digest(), chunk * digestSize)
  }
}
