import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type CompletedPart,
  type S3Client
} from '@aws-sdk/client-s3'
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'

import { chunkSizeFor } from '../checksums/chunk-size.ts'
import { QuiltError } from '../error.ts'
import { quote, quotePlus } from '../percent.ts'
import { chunksOf } from './atomic-write.ts'
import { fileError } from './file-errors.ts'
import type { Body, ObjectSource, PutOptions, PutResult } from './object-store.ts'
import { orderedMap } from './ordered-map.ts'

/** Parts that travel at once: each is in memory whole. */
const concurrency = 4

type PartOptions = Pick<PutOptions, 'signal' | 'onBytes'>

interface Target {
  readonly Bucket: string
  readonly Key: string
  readonly ContentType?: string
  readonly Metadata?: Record<string, string>
}

interface Upload {
  readonly Bucket: string
  readonly Key: string
  readonly UploadId: string
}

/** The object of a copy, as the header of the request names it. */
export function copySource({ store, key, versionId }: ObjectSource): string {
  const version = versionId === undefined ? '' : `?versionId=${quotePlus(versionId)}`
  return `${store.slice('s3://'.length)}/${quote(key)}${version}`
}

/**
 * Uploads an object in parts that are the chunks of its sha2-256-chunked checksum, so that the checksum S3 keeps of it
 * is that one. The parts of a failed upload are removed.
 */
export async function uploadInParts(
  client: S3Client,
  target: Target,
  body: Body,
  size: number,
  { signal, onBytes }: PartOptions = {}
): Promise<PutResult> {
  return await inParts(client, target, size, signal, (upload) =>
    orderedMap(
      partsOf(body, chunkSizeFor(size), signal),
      concurrency,
      async ({ number, read }, abortSignal) => {
        const bytes = await read()
        const ChecksumSHA256 = createHash('sha256').update(bytes).digest('base64')
        const command = new UploadPartCommand({ ...upload, PartNumber: number, Body: bytes, ChecksumSHA256 })
        const { ETag } = await client.send(command, { abortSignal })
        onBytes?.(bytes.length)
        return { PartNumber: number, ETag, ChecksumSHA256 }
      },
      signal
    )
  )
}

/** Copies an object in parts, like uploadInParts, without its bytes passing through here. */
export async function copyInParts(
  client: S3Client,
  target: Target,
  source: ObjectSource,
  size: number,
  { signal, onBytes }: PartOptions = {}
): Promise<PutResult> {
  const chunk = chunkSizeFor(size)
  const starts = Array.from({ length: Math.ceil(size / chunk) }, (_, index) => index * chunk)
  return await inParts(client, target, size, signal, (upload) =>
    orderedMap(
      starts,
      concurrency,
      async (start, abortSignal) => {
        const PartNumber = start / chunk + 1
        const end = Math.min(start + chunk, size)
        const command = new UploadPartCopyCommand({
          ...upload,
          PartNumber,
          CopySource: copySource(source),
          CopySourceRange: `bytes=${String(start)}-${String(end - 1)}`
        })
        const { CopyPartResult } = await client.send(command, { abortSignal })
        onBytes?.(end - start)
        return { PartNumber, ETag: CopyPartResult?.ETag, ChecksumSHA256: CopyPartResult?.ChecksumSHA256 }
      },
      signal
    )
  )
}

async function inParts(
  client: S3Client,
  target: Target,
  size: number,
  signal: AbortSignal | undefined,
  send: (upload: Upload) => AsyncIterable<CompletedPart>
): Promise<PutResult> {
  const abort = signal === undefined ? {} : { abortSignal: signal }
  const created = await client.send(
    new CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm: 'SHA256' }),
    abort
  )
  if (created.UploadId === undefined)
    throw new QuiltError('storage-failed', `S3 began no upload of ${target.Key}`, { key: target.Key })
  const upload = { Bucket: target.Bucket, Key: target.Key, UploadId: created.UploadId }
  try {
    const Parts = await Array.fromAsync(send(upload))
    const done = await client.send(
      new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }),
      abort
    )
    const sha256 = combined(Parts)
    return {
      size,
      etag: done.ETag ?? '',
      ...(done.VersionId === undefined ? {} : { versionId: done.VersionId }),
      checksums: sha256 === undefined ? {} : { sha256 }
    }
  } catch (error) {
    // What went wrong first is what the caller has to know; parts that cannot be removed fall to the bucket's rules.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined)
    throw error
  }
}

/** The checksum of checksums as S3 states it; undefined where a server gives none. */
function combined(parts: readonly CompletedPart[]): string | undefined {
  const digests = parts.map(({ ChecksumSHA256 }) => ChecksumSHA256)
  if (digests.includes(undefined)) return undefined
  const bytes = Buffer.concat(digests.map((digest = '') => Buffer.from(digest, 'base64')))
  return `${createHash('sha256').update(bytes).digest('base64')}-${String(parts.length)}`
}

interface Part {
  readonly number: number
  read(): Promise<Uint8Array>
}

async function* partsOf(body: Body, chunk: number, signal: AbortSignal | undefined): AsyncGenerator<Part> {
  if (body instanceof Uint8Array) {
    for (let start = 0, number = 1; start < body.length; start += chunk, number++)
      yield { number, read: () => Promise.resolve(body.subarray(start, start + chunk)) }
    return
  }
  if ('file' in body) {
    yield* partsOfFile(body.file, chunk)
    return
  }
  let number = 1
  for await (const bytes of blocks(chunksOf(body, signal), chunk))
    yield { number: number++, read: () => Promise.resolve(bytes) }
}

async function* partsOfFile(file: string, chunk: number): AsyncGenerator<Part> {
  try {
    await using handle = await open(file)
    const { size } = await handle.stat()
    const read = async (start: number): Promise<Uint8Array> => {
      const bytes = Buffer.allocUnsafe(Math.min(chunk, size - start))
      let filled = 0
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled)
        if (bytesRead === 0)
          throw new QuiltError('object-changed', `'${file}' became shorter while it was read`)
        filled += bytesRead
      }
      return bytes
    }
    const reads: Promise<Uint8Array>[] = []
    for (let start = 0, number = 1; start < size; start += chunk, number++)
      yield {
        number,
        read: () => {
          const bytes = read(start)
          reads.push(bytes)
          return bytes
        }
      }
    // The file stays open until the last part has been read.
    await Promise.allSettled(reads)
  } catch (error) {
    throw fileError(error, file)
  }
}

/** The same bytes in pieces of one size; the last may be smaller. */
async function* blocks(chunks: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    let rest = chunk
    while (length + rest.length >= size) {
      const room = size - length
      yield Buffer.concat([...held, rest.subarray(0, room)])
      rest = rest.subarray(room)
      held = []
      length = 0
    }
    if (rest.length > 0) held.push(rest)
    length += rest.length
  }
  if (length > 0) yield Buffer.concat(held)
}
