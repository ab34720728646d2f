import { chunkSizeFor } from '../checksums/chunk-size.ts'
import { checksumFromS3 } from '../checksums/from-s3.ts'
import { createEntry } from '../entry.ts'
import { QuiltError } from '../error.ts'
import { formatPhysicalKey } from '../physical-key.ts'
import type { ObjectHead, PutResult } from '../store/object-store.ts'
import { streamOf } from '../store/object-store.ts'
import type { S3Store } from '../store/s3-store.ts'
import type { S3Stores } from '../store/s3-stores.ts'
import type { CallOptions, Entry, EntryHash, PhysicalKey } from '../types.ts'
import { bytesOf, checksumOf, completeAlready, physicalKeyOf, pinned, type Locate } from './entry-bytes.ts'
import { isEntry, type PendingEntry, type Source } from './package-builder.ts'
import type { BringOptions, DataWriter } from './package-writer.ts'
import { mayBeReused, reusedChecksum } from './s3-reuse.ts'

type S3Key = PhysicalKey & { readonly kind: 's3' }

/** Puts data into buckets. Objects of S3 are copied there; their bytes do not pass through here. */
export class S3DataWriter implements DataWriter {
  readonly #stores: S3Stores
  readonly #bucket: string
  readonly #locate: Locate

  constructor(stores: S3Stores, bucket: string, locate: Locate) {
    this.#stores = stores
    this.#bucket = bucket
    this.#locate = locate
  }

  destination(name: string, logicalKey: string): PhysicalKey {
    return { kind: 's3', bucket: this.#bucket, key: `${name}/${logicalKey}`, versionId: undefined }
  }

  holds(key: PhysicalKey): boolean {
    return key.kind === 's3' && key.bucket === this.#bucket
  }

  async copy(entry: PendingEntry, destination: PhysicalKey, options: BringOptions): Promise<Entry> {
    if (destination.kind !== 's3')
      throw new QuiltError(
        'invalid-destination',
        `${entry.logicalKey} would be written to ${formatPhysicalKey(destination)}, expected an s3:// address`
      )
    const { source } = entry
    const isFile = source instanceof Uint8Array || 'file' in source
    const brought = isFile
      ? await this.#upload(source, destination, options)
      : await this.#copyObject(source, destination, options)
    return createEntry({ logicalKey: entry.logicalKey, meta: entry.meta, ...brought })
  }

  async complete(entry: PendingEntry, options: BringOptions): Promise<Entry> {
    const { logicalKey, source, meta } = entry
    const physicalKey = await physicalKeyOf(entry)
    const known = completeAlready(entry, physicalKey)
    if (known !== undefined) return known
    if ('file' in source) {
      const bytes = await bytesOf(source, this.#locate, options)
      return createEntry({
        logicalKey,
        physicalKey,
        size: bytes.size,
        hash: await checksumOf(bytes, options),
        meta
      })
    }
    const { store, key, head } = await this.#headOf(physicalKey, options)
    const hash = await this.#hashOf(store, key, head, options)
    const place = pinned(source, physicalKey, head.versionId)
    return createEntry({ logicalKey, physicalKey: place, size: head.size, hash, meta })
  }

  async #upload(
    source: Uint8Array | { readonly file: string },
    destination: S3Key,
    options: BringOptions
  ): Promise<Brought> {
    const { bucket, key } = destination
    const store = this.#stores.bucket(bucket)
    const bytes = await bytesOf(source, this.#locate, options)
    if (mayBeReused(bytes.size)) {
      const head = await store.head(key, options)
      const hash = head === undefined ? undefined : await reusedChecksum(bytes, head, options)
      if (hash !== undefined)
        return { physicalKey: { ...destination, versionId: head?.versionId }, size: bytes.size, hash }
    }
    return await this.#written(store, destination, await store.put(key, bytes.body(), options), options)
  }

  async #copyObject(
    source: Exclude<Source, Uint8Array | { readonly file: string }>,
    destination: S3Key,
    options: BringOptions
  ): Promise<Brought> {
    const from = await this.#locate(isEntry(source) ? source.physicalKey : source.object)
    const store = this.#stores.bucket(destination.bucket)
    const put = await store.copy({ ...from, store: from.store.uri }, destination.key, options)
    return await this.#written(store, destination, put, options)
  }

  /** What an object is that was just written; read back only where the server gave no checksum of it. */
  async #written(store: S3Store, destination: S3Key, put: PutResult, options: CallOptions): Promise<Brought> {
    const { size, versionId } = put
    const known = checksumFromS3({ size, sha256: put.checksums.sha256, partSize: chunkSizeFor(size) })
    const version = versionId === undefined ? {} : { versionId }
    return {
      physicalKey: { ...destination, versionId },
      size,
      hash: known ?? (await hashObject(store, destination.key, size, { ...options, ...version }))
    }
  }

  async #headOf(
    physicalKey: PhysicalKey,
    options: CallOptions
  ): Promise<{ readonly store: S3Store; readonly key: string; readonly head: ObjectHead }> {
    const { key, versionId } = await this.#locate(physicalKey)
    const store = this.#stores.bucket(physicalKey.kind === 's3' ? physicalKey.bucket : '')
    const head = await store.head(key, { ...options, ...(versionId === undefined ? {} : { versionId }) })
    if (head !== undefined) return { store, key, head }
    throw new QuiltError('object-not-found', `there is no object ${formatPhysicalKey(physicalKey)}`, { key })
  }

  async #hashOf(store: S3Store, key: string, head: ObjectHead, options: BringOptions): Promise<EntryHash> {
    const { size, versionId, checksums } = head
    const read = { ...options, ...(versionId === undefined ? {} : { versionId }) }
    const { sha256 } = checksums
    const partSize = sha256?.includes('-') === true ? await store.partSize(key, read) : undefined
    const known = checksumFromS3({ size, sha256, ...(partSize === undefined ? {} : { partSize }) })
    return known ?? (await hashObject(store, key, size, read))
  }
}

interface Brought {
  readonly physicalKey: PhysicalKey
  readonly size: number
  readonly hash: EntryHash
}

async function hashObject(
  store: S3Store,
  key: string,
  size: number,
  options: BringOptions & { readonly versionId?: string }
): Promise<EntryHash> {
  return await checksumOf({ size, body: () => ({ stream: streamOf(store, key, options), size }) }, options)
}
