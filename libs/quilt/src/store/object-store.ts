import type { ObjectContent, Page } from '../types.ts'

/** What a store says of one object without reading it. */
export interface ObjectHead {
  readonly key: string
  /** Bytes. */
  readonly size: number
  readonly modified: Date
  /** Opaque; changes whenever the content is replaced. What `PutOptions.ifMatch` compares. */
  readonly etag: string
  /** Absent where the store keeps no versions. */
  readonly versionId?: string
  readonly checksums: ObjectChecksums
  /** Media type that the object was stored with. Absent where the store keeps none. */
  readonly contentType?: string
  /** What else it was stored with, by names in lower case. Absent where there is nothing. */
  readonly metadata?: Readonly<Record<string, string>>
}

/** Checksums the store itself keeps, as it states them: base64, for multipart objects with `-<parts>` behind. */
export interface ObjectChecksums {
  readonly sha256?: string
  readonly crc64nvme?: string
}

export interface ReadOptions {
  readonly versionId?: string
  readonly signal?: AbortSignal
}

/** Bytes `start` (default 0) up to and without `end` (default: the size). A range past the end is cut to the size. */
export interface RangeOptions extends ReadOptions {
  readonly start?: number
  readonly end?: number
}

export interface SomeOptions {
  /** How many bytes of each object are read at most. */
  readonly end: number
  readonly signal?: AbortSignal
}

/** A small object that was read. */
export interface SmallObject {
  readonly bytes: Uint8Array
  readonly modified: Date
}

/** What was chosen of the names in a folder, and the objects of those names, in their order; undefined for one that is gone. */
export interface Some<Chosen> {
  readonly chosen: Chosen
  readonly objects: readonly (SmallObject | undefined)[]
}

/** What is written: bytes, a file of this machine, or a stream of exactly `size` bytes. */
export type Body =
  | Uint8Array
  | { readonly file: string }
  | { readonly stream: AsyncIterable<Uint8Array>; readonly size: number }

/** An object of this or another store. */
export interface ObjectSource {
  /** `uri` of the store that holds it. */
  readonly store: string
  readonly key: string
  readonly versionId?: string
}

export interface PutOptions {
  readonly signal?: AbortSignal
  /** Write only if the object's etag is still this one; `null`: only if there is no object. Else `object-changed`. */
  readonly ifMatch?: string | null
  /** Told, as bytes of a large body are stored, how many more there are. */
  readonly onBytes?: (bytes: number) => void
  /** Media type to store the object with. Folders keep none. @default the store's own */
  readonly contentType?: string
  /** What else to store with the object: printable ASCII, at most 2 KB. Folders keep none. */
  readonly metadata?: Readonly<Record<string, string>>
}

export interface PutResult {
  readonly size: number
  readonly etag: string
  readonly versionId?: string
  readonly checksums: ObjectChecksums
}

export interface ListOptions {
  readonly prefix?: string
  /** Keys up to and with this one are left out: the `next` of the page before. */
  readonly after?: string
  /** Most items on the page; a bucket gives no more than 1,000. @default 1,000 */
  readonly limit?: number
  readonly signal?: AbortSignal
}

export interface ListedObject {
  readonly key: string
  readonly size: number
  readonly modified: Date
  readonly etag: string
}

export interface ObjectVersion extends ListedObject {
  readonly versionId: string | undefined
  readonly latest: boolean
  readonly deleted: boolean
}

export interface PresignOptions {
  readonly versionId?: string
  /** How long the address works, in seconds: 1 to 604,800. */
  readonly seconds: number
}

/**
 * Named bytes below one root: a folder or a bucket. Keys are `/`-separated and listed in the order of their UTF-8
 * bytes. Methods throw QuiltError: `object-not-found`, `outside-root`, `invalid-object-key`, `object-changed`,
 * `storage-full`, `access-denied`, `storage-failed`, `aborted`.
 */
export interface ObjectStore {
  /** `s3://bucket` or `file:///folder`, without a slash at the end. */
  readonly uri: string
  /** The object's head, or undefined where there is none. */
  head(key: string, options?: ReadOptions): Promise<ObjectHead | undefined>
  /** The bytes of the object or of a range of it, in memory: bound it with `end`. */
  get(key: string, options?: RangeOptions): Promise<Uint8Array>
  /**
   * The first bytes of small objects directly below a prefix that ends with a slash. `choose` is given the names of all
   * of them, in any order, none where there is no such folder, and says which to read.
   */
  getSome<Chosen extends { readonly names: readonly string[] }>(
    prefix: string,
    choose: (names: readonly string[]) => Chosen,
    options: SomeOptions
  ): Promise<Some<Chosen>>
  /** The size of the object, and its bytes or those of a range as they come. Iterate them, or abort the signal. */
  read(key: string, options?: RangeOptions): Promise<ObjectContent>
  /** Writes an object whole or not at all. */
  put(key: string, body: Body, options?: PutOptions): Promise<PutResult>
  /** Copies an object without its bytes passing through here. Stores of one kind only: else `not-supported`. */
  copy(source: ObjectSource, key: string, options?: PutOptions): Promise<PutResult>
  /** Removes an object (on S3: puts a delete marker where versions are kept). No error where there is none. */
  delete(key: string, options?: { readonly signal?: AbortSignal }): Promise<void>
  list(options?: ListOptions): Promise<Page<ListedObject>>
  /** The names directly below `prefix` (empty, or with a slash at the end) that have something below them, in key order. */
  folders(prefix: string, options?: { readonly signal?: AbortSignal }): Promise<readonly string[]>
  /** The versions of one object, newest first. */
  versions(key: string, options?: { readonly signal?: AbortSignal }): Promise<readonly ObjectVersion[]>
  /** An address that anyone can read the object from for a time; `not-supported` for folders. */
  presign(key: string, options: PresignOptions): Promise<string>
}

/** The bytes of an object as they come; nothing happens before the first is asked for. */
export async function* streamOf(
  store: ObjectStore,
  key: string,
  options: RangeOptions = {}
): AsyncGenerator<Uint8Array> {
  yield* (await store.read(key, options)).body
}

/** Every object below a prefix, in key order, page after page. */
export async function* listAll(
  store: ObjectStore,
  options: Omit<ListOptions, 'limit'> = {}
): AsyncGenerator<ListedObject> {
  let after = options.after
  do {
    const page = await store.list({ ...options, limit: 100_000, ...(after === undefined ? {} : { after }) })
    yield* page.items
    after = page.next
  } while (after !== undefined)
}
