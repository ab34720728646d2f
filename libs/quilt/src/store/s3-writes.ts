import { CopyObjectCommand, PutObjectCommand, type PutObjectCommandInput } from '@aws-sdk/client-s3'
import { createHash } from 'node:crypto'

import { isMultipart } from '../checksums/chunk-size.ts'
import { QuiltError } from '../error.ts'
import { chunksOf, sizeOf } from './atomic-write.ts'
import type { Body, ObjectSource, PutOptions, PutResult } from './object-store.ts'
import { isNotImplemented } from './s3-errors.ts'
import { headObject, versionOf } from './s3-head.ts'
import { copySource, copyInParts, uploadInParts } from './s3-multipart.ts'
import { S3Requests } from './s3-requests.ts'

/** Writes an object with its SHA-256, of 8 MiB and more in parts as quilt3 does. */
export async function putObject(
  requests: S3Requests,
  key: string,
  body: Body,
  options: PutOptions
): Promise<PutResult> {
  const { client, bucket } = requests
  const size = await sizeOf(body)
  if (isMultipart(size) && options.ifMatch === undefined)
    return await requests.send(key, options, () =>
      uploadInParts(client, { Bucket: bucket, Key: key, ...storedWith(options) }, body, size, options)
    )
  const bytes = Buffer.concat(await Array.fromAsync(chunksOf(body, options.signal)))
  const sha256 = createHash('sha256').update(bytes).digest('base64')
  const input = { Bucket: bucket, Key: key, Body: bytes, ChecksumSHA256: sha256, ...storedWith(options) }
  const written = await putIfMatch(requests, key, input, options)
  return { size, etag: written.ETag ?? '', ...versionOf(written.VersionId), checksums: { sha256 } }
}

/** Copies an object of any bucket that the same client reaches, in the version that is measured. */
export async function copyObject(
  requests: S3Requests,
  source: ObjectSource,
  key: string,
  options: PutOptions
): Promise<PutResult> {
  const { client, bucket } = requests
  if (!source.store.startsWith('s3://'))
    throw new QuiltError('not-supported', `${source.store} cannot be copied from within s3://${bucket}`, {
      remedy: 'Read the object from its own store and put it here.'
    })
  const from = new S3Requests(client, source.store.slice('s3://'.length))
  const head = await headObject(from, source.key, {
    ...versionOf(source.versionId),
    ...(options.signal === undefined ? {} : { signal: options.signal })
  })
  if (head === undefined) throw from.missing(source.key)
  // The version that was measured, so that no other one is copied.
  const pinned = { ...source, ...versionOf(source.versionId ?? head.versionId) }
  const target = { Bucket: bucket, Key: key }
  if (isMultipart(head.size))
    return await requests.send(key, options, () => copyInParts(client, target, pinned, head.size, options))
  const copied = await requests.send(key, options, (abort) =>
    client.send(
      new CopyObjectCommand({ ...target, CopySource: copySource(pinned), ChecksumAlgorithm: 'SHA256' }),
      abort
    )
  )
  const { ETag = '', ChecksumSHA256 } = copied.CopyObjectResult ?? {}
  return {
    size: head.size,
    etag: ETag,
    ...versionOf(copied.VersionId),
    checksums: ChecksumSHA256 === undefined ? {} : { sha256: ChecksumSHA256 }
  }
}

function storedWith({ contentType, metadata }: PutOptions): {
  readonly ContentType?: string
  readonly Metadata?: Record<string, string>
} {
  return {
    ...(contentType === undefined ? {} : { ContentType: contentType }),
    ...(metadata === undefined ? {} : { Metadata: { ...metadata } })
  }
}

async function putIfMatch(
  requests: S3Requests,
  key: string,
  input: PutObjectCommandInput,
  options: PutOptions
): Promise<{ readonly ETag?: string | undefined; readonly VersionId?: string | undefined }> {
  const { client } = requests
  const put = (condition: Partial<PutObjectCommandInput>) =>
    requests.send(key, options, (abort) =>
      client.send(new PutObjectCommand({ ...input, ...condition }), abort)
    )
  const { ifMatch } = options
  if (ifMatch === undefined) return await put({})
  try {
    return await put(ifMatch === null ? { IfNoneMatch: '*' } : { IfMatch: ifMatch })
  } catch (error) {
    if (!(error instanceof QuiltError && isNotImplemented(error.cause))) throw error
  }
  // A server without conditional writes: what can be done is to look right before.
  const found = (await headObject(requests, key, options))?.etag ?? null
  if (found !== ifMatch)
    throw new QuiltError('object-changed', `${requests.address(key)} was changed by another writer`, { key })
  return await put({})
}
