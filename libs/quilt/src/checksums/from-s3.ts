import { createHash } from 'node:crypto'
import type { EntryHash } from '../types.ts'
import { chunkCountFor, chunkSizeFor, isMultipart } from './chunk-size.ts'

/** What HeadObject, GetObjectAttributes or an upload says of an object. */
export interface S3Checksums {
  /** Bytes of the object. */
  readonly size: number
  /** ChecksumSHA256: base64, with `-PARTS` behind it where the object was uploaded in parts. */
  readonly sha256: string | undefined
  /** Bytes of each part but the last, where the object was uploaded in parts and it is known. */
  readonly partSize?: number
}

const emptySha256 = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='

/**
 * The sha2-256-chunked checksum of an object as far as S3 knows it, so that its bytes need not be read: undefined where
 * S3 has no SHA-256 of it, or one over parts of another size (quilt3 8.0.0, data_transfer.py and checksums.py).
 */
export function checksumFromS3({ size, sha256, partSize }: S3Checksums): EntryHash | undefined {
  if (sha256 === undefined) return undefined
  const [, digest, parts] = /^([A-Za-z0-9+/]{43}=)(?:-(\d+))?$/.exec(sha256) ?? []
  if (digest === undefined) return undefined
  if (parts === undefined) return isMultipart(size) ? undefined : chunkedFromWhole(digest)
  // a single part of any size is the only chunk
  const sameParts =
    Number(parts) === chunkCountFor(size) && (parts === '1' || partSize === chunkSizeFor(size))
  return sameParts ? { type: 'sha2-256-chunked', value: digest } : undefined
}

/** The sha2-256-chunked checksum of an object of less than 8 MiB, from the base64 of its SHA-256. */
export function chunkedFromWhole(sha256: string): EntryHash {
  const value =
    sha256 === emptySha256
      ? sha256
      : createHash('sha256').update(Buffer.from(sha256, 'base64')).digest('base64')
  return { type: 'sha2-256-chunked', value }
}
