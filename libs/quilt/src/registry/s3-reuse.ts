import { createHash } from 'node:crypto'

import { chunkCountFor, chunkSizeFor, isMultipart } from '../checksums/chunk-size.ts'
import { chunkedFromWhole } from '../checksums/from-s3.ts'
import { createHasher } from '../checksums/hasher.ts'
import { chunksOf } from '../store/atomic-write.ts'
import type { ObjectHead } from '../store/object-store.ts'
import type { CallOptions, EntryHash } from '../types.ts'
import type { SourceBytes } from './entry-bytes.ts'

/** Smaller ones are uploaded without a look: that is not slower. */
const minReusedBytes = 1024

/** Whether it is worth asking if an object of this size is already at its destination. */
export function mayBeReused(size: number): boolean {
  return size >= minReusedBytes
}

/**
 * The checksum of the bytes if the object already holds them, undefined if it has to be written. Told by size and
 * SHA-256, or where S3 keeps none by the ETag that an upload in our parts gives.
 * Source: quilt3 8.0.0, data_transfer.py `_reuse_remote_file`.
 */
export async function reusedChecksum(
  bytes: SourceBytes,
  head: ObjectHead,
  options: CallOptions
): Promise<EntryHash | undefined> {
  const { size } = bytes
  if (head.size !== size) return undefined
  const { sha256 } = head.checksums
  const [digest, parts] = sha256?.split('-') ?? []
  if (sha256 !== undefined && parts !== (isMultipart(size) ? String(chunkCountFor(size)) : undefined))
    return undefined
  const local = await checksumAndEtag(bytes, options)
  if (digest === undefined) return head.etag === local.etag ? local.hash : undefined
  const there = parts === undefined ? chunkedFromWhole(digest).value : digest
  return there === local.hash.value ? local.hash : undefined
}

async function checksumAndEtag(
  { size, body }: SourceBytes,
  options: CallOptions
): Promise<{ readonly hash: EntryHash; readonly etag: string }> {
  const hasher = createHasher('sha2-256-chunked', size)
  const chunkSize = chunkSizeFor(size)
  const digests: Buffer[] = []
  let md5 = createHash('md5')
  let room = chunkSize
  for await (const chunk of chunksOf(body(), options.signal)) {
    hasher.update(chunk)
    for (let rest = chunk; rest.length > 0;) {
      const part = rest.subarray(0, room)
      md5.update(part)
      rest = rest.subarray(part.length)
      room -= part.length
      if (room > 0) continue
      digests.push(md5.digest())
      md5 = createHash('md5')
      room = chunkSize
    }
  }
  if (room < chunkSize || digests.length === 0) digests.push(md5.digest())
  const whole = createHash('md5').update(Buffer.concat(digests)).digest('hex')
  const etag = isMultipart(size) ? `${whole}-${String(digests.length)}` : (digests[0]?.toString('hex') ?? '')
  return { hash: hasher.digest(), etag: `"${etag}"` }
}
