import { hash } from 'node:crypto'
import { createHasher } from '../src/checksums/hasher.ts'
import type { EntryHash, HashType } from '../src/types.ts'

/** The deterministic content of the golden checksums. */
export function goldenContent(size: number): Buffer {
  const content = Buffer.alloc(Math.ceil(size / 32) * 32)
  for (let at = 0; at < size; at += 32) content.set(hash('sha256', `1:${at / 32}`, 'buffer'), at)
  return content.subarray(0, size)
}

/** The checksum of bytes that come in pieces of `piece` bytes. */
export function hashInPieces(type: HashType, bytes: Uint8Array, piece: number): EntryHash {
  const hasher = createHasher(type, bytes.length)
  for (let at = 0; at < bytes.length; at += piece) hasher.update(bytes.subarray(at, at + piece))
  return hasher.digest()
}
