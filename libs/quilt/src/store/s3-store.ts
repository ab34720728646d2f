import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type HeadObjectCommandOutput,
  type PutObjectCommandInput,
  type S3Client
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { createHash } from 'node:crypto'

import { isMultipart } from '../checksums/chunk-size.ts'
import { QuiltError, throwIfAborted } from '../error.ts'
import { formatPhysicalKey } from '../physical-key.ts'
import type { CallOptions, ObjectContent, Page } from '../types.ts'
import { chunksOf, sizeOf } from './atomic-write.ts'
import { Gate } from './gate.ts'
import type {
  Body,
  ListedObject,
  ListOptions,
  ManyOptions,
  ObjectChecksums,
  ObjectHead,
  ObjectSource,
  ObjectStore,
  ObjectVersion,
  PresignOptions,
  PutOptions,
  PutResult,
  RangeOptions,
  ReadOptions
} from './object-store.ts'
import { rangeWithin } from './range.ts'
import { isInvalidRange, isMissingObject, isNotImplemented, s3Error } from './s3-errors.ts'
import { copySource, copyInParts, uploadInParts } from './s3-multipart.ts'

/** Requests to one bucket that run at once. */
const concurrency = 16

/** A bucket as an object store. Objects are written with SHA-256 checksums, of 8 MiB and more in parts as quilt3 does. */
export class S3Store implements ObjectStore {
  readonly uri: string
  readonly #client: S3Client
  readonly #bucket: string
  readonly #gate = new Gate(concurrency)

  constructor(client: S3Client, bucket: string) {
    this.#client = client
    this.#bucket = bucket
    this.uri = `s3://${bucket}`
  }

  async head(key: string, options: ReadOptions = {}): Promise<ObjectHead | undefined> {
    try {
      const found = await this.#send(key, options, (abort) =>
        this.#client.send(
          new HeadObjectCommand({ ...this.#object(key, options), ChecksumMode: 'ENABLED' }),
          abort
        )
      )
      return headOf(key, found)
    } catch (error) {
      if (error instanceof QuiltError && error.code === 'object-not-found') return undefined
      throw error
    }
  }

  async getMany(
    keys: readonly string[],
    { end, signal }: ManyOptions
  ): Promise<readonly (Uint8Array | undefined)[]> {
    const options = { end, ...(signal === undefined ? {} : { signal }) }
    return await Promise.all(
      keys.map(async (key) => {
        try {
          return await this.get(key, options)
        } catch (error) {
          if (error instanceof QuiltError && error.code === 'object-not-found') return undefined
          throw error
        }
      })
    )
  }

  /** Bytes of the first part that an object was uploaded in: of every part, but that the last may be smaller. */
  async partSize(key: string, options: ReadOptions = {}): Promise<number | undefined> {
    const found = await this.#send(key, options, (abort) =>
      this.#client.send(new HeadObjectCommand({ ...this.#object(key, options), PartNumber: 1 }), abort)
    )
    return found.ContentLength
  }

  async get(key: string, options: RangeOptions = {}): Promise<Uint8Array> {
    return Buffer.concat(await Array.fromAsync((await this.read(key, options)).body))
  }

  async read(key: string, options: RangeOptions = {}): Promise<ObjectContent> {
    const { start, end } = rangeWithin(Number.MAX_SAFE_INTEGER, options)
    if (start === end) return await this.#nothingOf(key, options)
    const ranged = options.start !== undefined || options.end !== undefined
    try {
      const found = await this.#send(key, options, (abort) =>
        this.#client.send(
          new GetObjectCommand({
            ...this.#object(key, options),
            ...(ranged
              ? { Range: `bytes=${String(start)}-${options.end === undefined ? '' : String(end - 1)}` }
              : {})
          }),
          abort
        )
      )
      const size = Number(found.ContentRange?.split('/')[1] ?? found.ContentLength ?? 0)
      return { size, body: this.#bytes(key, found.Body) }
    } catch (error) {
      if (error instanceof QuiltError && isInvalidRange(error.cause))
        return await this.#nothingOf(key, options)
      throw error
    }
  }

  async put(key: string, body: Body, options: PutOptions = {}): Promise<PutResult> {
    const size = await sizeOf(body)
    if (isMultipart(size) && options.ifMatch === undefined)
      return await this.#send(key, options, () =>
        uploadInParts(this.#client, { Bucket: this.#bucket, Key: key }, body, size, options.signal)
      )
    const bytes = Buffer.concat(await Array.fromAsync(chunksOf(body, options.signal)))
    const sha256 = createHash('sha256').update(bytes).digest('base64')
    const input = { Bucket: this.#bucket, Key: key, Body: bytes, ChecksumSHA256: sha256 }
    const written = await this.#putIfMatch(key, input, options)
    return { size, etag: written.ETag ?? '', ...version(written.VersionId), checksums: { sha256 } }
  }

  async copy(source: ObjectSource, key: string, options: PutOptions = {}): Promise<PutResult> {
    if (!source.store.startsWith('s3://'))
      throw new QuiltError('not-supported', `${source.store} cannot be copied from within ${this.uri}`, {
        remedy: 'Read the object from its own store and put it here.'
      })
    const from = new S3Store(this.#client, source.store.slice('s3://'.length))
    const head = await from.head(source.key, {
      ...version(source.versionId),
      ...(options.signal === undefined ? {} : { signal: options.signal })
    })
    if (head === undefined) throw from.#missing(source.key)
    // The version that was measured, so that no other one is copied.
    const pinned = { ...source, ...version(source.versionId ?? head.versionId) }
    const target = { Bucket: this.#bucket, Key: key }
    if (isMultipart(head.size))
      return await this.#send(key, options, () =>
        copyInParts(this.#client, target, pinned, head.size, options.signal)
      )
    const copied = await this.#send(key, options, (abort) =>
      this.#client.send(
        new CopyObjectCommand({ ...target, CopySource: copySource(pinned), ChecksumAlgorithm: 'SHA256' }),
        abort
      )
    )
    const { ETag = '', ChecksumSHA256 } = copied.CopyObjectResult ?? {}
    return {
      size: head.size,
      etag: ETag,
      ...version(copied.VersionId),
      checksums: ChecksumSHA256 === undefined ? {} : { sha256: ChecksumSHA256 }
    }
  }

  async delete(key: string, options: CallOptions = {}): Promise<void> {
    await this.#send(key, options, (abort) =>
      this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key }), abort)
    )
  }

  async list(options: ListOptions = {}): Promise<Page<ListedObject>> {
    const { prefix = '', after, limit = 1000 } = options
    const found = await this.#send(prefix, options, (abort) =>
      this.#client.send(
        new ListObjectsV2Command({
          Bucket: this.#bucket,
          Prefix: prefix,
          MaxKeys: Math.min(limit, 1000),
          EncodingType: 'url',
          ...(after === undefined ? {} : { StartAfter: after })
        }),
        abort
      )
    )
    const decode = decoder(found.EncodingType)
    const items = (found.Contents ?? []).map((object) => ({
      key: decode(object.Key ?? ''),
      size: object.Size ?? 0,
      modified: object.LastModified ?? new Date(0),
      etag: object.ETag ?? ''
    }))
    return { items, next: found.IsTruncated === true ? items.at(-1)?.key : undefined }
  }

  async folders(prefix: string, options: CallOptions = {}): Promise<readonly string[]> {
    const names: string[] = []
    let token: string | undefined
    do {
      const found = await this.#send(prefix, options, (abort) =>
        this.#client.send(
          new ListObjectsV2Command({
            Bucket: this.#bucket,
            Prefix: prefix,
            Delimiter: '/',
            EncodingType: 'url',
            ...(token === undefined ? {} : { ContinuationToken: token })
          }),
          abort
        )
      )
      const decode = decoder(found.EncodingType)
      for (const { Prefix = '' } of found.CommonPrefixes ?? [])
        names.push(decode(Prefix).slice(prefix.length, -1))
      token = found.NextContinuationToken
    } while (token !== undefined)
    return names
  }

  async versions(key: string, options: CallOptions = {}): Promise<readonly ObjectVersion[]> {
    const versions: ObjectVersion[] = []
    let marker: { readonly KeyMarker: string; readonly VersionIdMarker?: string } | undefined
    do {
      const found = await this.#send(key, options, (abort) =>
        this.#client.send(
          new ListObjectVersionsCommand({
            Bucket: this.#bucket,
            Prefix: key,
            EncodingType: 'url',
            ...marker
          }),
          abort
        )
      )
      const decode = decoder(found.EncodingType)
      const deleted = (found.DeleteMarkers ?? []).map((each) => ({
        ...each,
        deleted: true,
        Size: 0,
        ETag: ''
      }))
      for (const each of [...(found.Versions ?? []).map((item) => ({ ...item, deleted: false })), ...deleted])
        if (decode(each.Key ?? '') === key)
          versions.push({
            key,
            size: each.Size ?? 0,
            modified: each.LastModified ?? new Date(0),
            etag: each.ETag ?? '',
            versionId: each.VersionId,
            latest: each.IsLatest === true,
            deleted: each.deleted
          })
      const next = found.IsTruncated === true ? decode(found.NextKeyMarker ?? '') : ''
      // Other keys that begin alike come behind the one that was asked for.
      marker = next === key ? { KeyMarker: next, ...markerOf(found.NextVersionIdMarker) } : undefined
    } while (marker !== undefined)
    return versions.sort(
      (a, b) => Number(b.latest) - Number(a.latest) || b.modified.getTime() - a.modified.getTime()
    )
  }

  async presign(key: string, { versionId, seconds }: PresignOptions): Promise<string> {
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > 604_800)
      throw new QuiltError(
        'invalid-limit',
        `an address works for 1 to 604800 seconds, not ${String(seconds)}`,
        {
          remedy: 'Give a whole number of seconds, at most seven days.'
        }
      )
    const command = new GetObjectCommand(this.#object(key, version(versionId)))
    try {
      return await getSignedUrl(this.#client, command, { expiresIn: seconds })
    } catch (error) {
      throw s3Error(error, this.#address(key))
    }
  }

  async #putIfMatch(
    key: string,
    input: PutObjectCommandInput,
    options: PutOptions
  ): Promise<{ readonly ETag?: string | undefined; readonly VersionId?: string | undefined }> {
    const put = (condition: Partial<PutObjectCommandInput>) =>
      this.#send(key, options, (abort) =>
        this.#client.send(new PutObjectCommand({ ...input, ...condition }), abort)
      )
    const { ifMatch } = options
    if (ifMatch === undefined) return await put({})
    try {
      return await put(ifMatch === null ? { IfNoneMatch: '*' } : { IfMatch: ifMatch })
    } catch (error) {
      if (!(error instanceof QuiltError && isNotImplemented(error.cause))) throw error
    }
    // A server without conditional writes: what can be done is to look right before.
    const found = (await this.head(key, options))?.etag ?? null
    if (found !== ifMatch)
      throw new QuiltError('object-changed', `${this.#address(key)} was changed by another writer`, { key })
    return await put({})
  }

  async #nothingOf(key: string, options: RangeOptions): Promise<ObjectContent> {
    const head = await this.head(key, options)
    if (head === undefined) throw this.#missing(key)
    return { size: head.size, body: (async function* () {})() }
  }

  async *#bytes(key: string, body: unknown): AsyncGenerator<Uint8Array> {
    if (!isByteStream(body)) return
    try {
      yield* body
    } catch (error) {
      throw s3Error(error, this.#address(key))
    }
  }

  async #send<T>(
    key: string,
    options: CallOptions,
    request: (abort: { readonly abortSignal?: AbortSignal }) => Promise<T>
  ): Promise<T> {
    return await this.#gate.run(async () => {
      throwIfAborted(options.signal)
      try {
        return await request(options.signal === undefined ? {} : { abortSignal: options.signal })
      } catch (error) {
        throw isMissingObject(error) ? this.#missing(key, error) : s3Error(error, this.#address(key))
      }
    })
  }

  #object(key: string, { versionId }: ReadOptions): { Bucket: string; Key: string; VersionId?: string } {
    return { Bucket: this.#bucket, Key: key, ...(versionId === undefined ? {} : { VersionId: versionId }) }
  }

  #address(key: string): string {
    return formatPhysicalKey({ kind: 's3', bucket: this.#bucket, key, versionId: undefined })
  }

  #missing(key: string, cause?: unknown): QuiltError {
    return new QuiltError('object-not-found', `there is no object ${this.#address(key)}`, { key, cause })
  }
}

function headOf(key: string, found: HeadObjectCommandOutput): ObjectHead {
  const checksums: ObjectChecksums = {
    ...(found.ChecksumSHA256 === undefined ? {} : { sha256: found.ChecksumSHA256 }),
    ...(found.ChecksumCRC64NVME === undefined ? {} : { crc64nvme: found.ChecksumCRC64NVME })
  }
  return {
    key,
    size: found.ContentLength ?? 0,
    modified: found.LastModified ?? new Date(0),
    etag: found.ETag ?? '',
    ...version(found.VersionId),
    checksums
  }
}

function version(versionId: string | undefined): { readonly versionId?: string } {
  return versionId === undefined ? {} : { versionId }
}

function markerOf(versionId: string | undefined): { readonly VersionIdMarker?: string } {
  return versionId === undefined ? {} : { VersionIdMarker: versionId }
}

/** Decodes keys of a list that was asked for with EncodingType url, which keeps control characters out of the XML. */
function decoder(encoding: string | undefined): (key: string) => string {
  return encoding === 'url' ? (key) => decodeURIComponent(key.replaceAll('+', ' ')) : (key) => key
}

function isByteStream(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body
}
