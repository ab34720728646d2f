import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'

import { isQuiltError, QuiltError } from '../error.ts'
import type { CallOptions, ObjectContent, Page } from '../types.ts'
import type {
  Body,
  ListedObject,
  ListOptions,
  ObjectHead,
  ObjectSource,
  ObjectStore,
  ObjectVersion,
  PresignOptions,
  PutOptions,
  PutResult,
  RangeOptions,
  ReadOptions,
  Some,
  SomeOptions
} from './object-store.ts'
import { listAll } from './object-store.ts'
import { rangeWithin } from './range.ts'
import { isInvalidRange } from './s3-errors.ts'
import { headObject, inputOf, versionOf } from './s3-head.ts'
import { listFolders, listObjects, listVersions } from './s3-lists.ts'
import { S3Requests } from './s3-requests.ts'
import { copyObject, putObject } from './s3-writes.ts'

/** A bucket as an object store. Objects are written with SHA-256 checksums, of 8 MiB and more in parts as quilt3 does. */
export class S3Store implements ObjectStore {
  readonly uri: string
  readonly #requests: S3Requests

  constructor(client: S3Client, bucket: string) {
    this.#requests = new S3Requests(client, bucket)
    this.uri = `s3://${bucket}`
  }

  async head(key: string, options: ReadOptions = {}): Promise<ObjectHead | undefined> {
    return await headObject(this.#requests, key, options)
  }

  async getSome<Chosen extends { readonly names: readonly string[] }>(
    prefix: string,
    choose: (names: readonly string[]) => Chosen,
    options: SomeOptions
  ): Promise<Some<Chosen>> {
    const { signal } = options
    const modified = new Map<string, Date>()
    for await (const found of listAll(this, { prefix, ...(signal === undefined ? {} : { signal }) })) {
      const name = found.key.slice(prefix.length)
      if (name !== '' && !name.includes('/')) modified.set(name, found.modified)
    }
    const chosen = choose([...modified.keys()])
    const objects = await Promise.all(
      chosen.names.map(async (name) => {
        try {
          return {
            bytes: await this.get(prefix + name, options),
            modified: modified.get(name) ?? new Date(0)
          }
        } catch (error) {
          if (isQuiltError(error, 'object-not-found')) return undefined
          throw error
        }
      })
    )
    return { chosen, objects }
  }

  /** Bytes of the first part that an object was uploaded in: of every part, but that the last may be smaller. */
  async partSize(key: string, options: ReadOptions = {}): Promise<number | undefined> {
    const found = await this.#requests.send(key, options, (abort) =>
      this.#requests.client.send(
        new HeadObjectCommand({ ...inputOf(this.#requests, key, options), PartNumber: 1 }),
        abort
      )
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
      const found = await this.#requests.send(key, options, (abort) =>
        this.#requests.client.send(
          new GetObjectCommand({
            ...inputOf(this.#requests, key, options),
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
      if (isQuiltError(error) && isInvalidRange(error.cause)) return await this.#nothingOf(key, options)
      throw error
    }
  }

  async put(key: string, body: Body, options: PutOptions = {}): Promise<PutResult> {
    return await putObject(this.#requests, key, body, options)
  }

  async copy(source: ObjectSource, key: string, options: PutOptions = {}): Promise<PutResult> {
    return await copyObject(this.#requests, source, key, options)
  }

  async delete(key: string, options: CallOptions = {}): Promise<void> {
    await this.#requests.send(key, options, (abort) =>
      this.#requests.client.send(new DeleteObjectCommand({ Bucket: this.#requests.bucket, Key: key }), abort)
    )
  }

  async list(options: ListOptions = {}): Promise<Page<ListedObject>> {
    return await listObjects(this.#requests, options)
  }

  async folders(prefix: string, options: CallOptions = {}): Promise<readonly string[]> {
    return await listFolders(this.#requests, prefix, options)
  }

  async versions(key: string, options: CallOptions = {}): Promise<readonly ObjectVersion[]> {
    return await listVersions(this.#requests, key, options)
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
    const command = new GetObjectCommand(inputOf(this.#requests, key, versionOf(versionId)))
    try {
      return await getSignedUrl(this.#requests.client, command, { expiresIn: seconds })
    } catch (error) {
      throw this.#requests.failure(key, error)
    }
  }

  async #nothingOf(key: string, options: RangeOptions): Promise<ObjectContent> {
    const head = await this.head(key, options)
    if (head === undefined) throw this.#requests.missing(key)
    return { size: head.size, body: (async function* () {})() }
  }

  async *#bytes(key: string, body: unknown): AsyncGenerator<Uint8Array> {
    if (!isByteStream(body)) return
    try {
      yield* body
    } catch (error) {
      throw this.#requests.failure(key, error)
    }
  }
}

function isByteStream(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body
}
