import type { JsonObject, JsonValue } from './json/value.ts'

/** One page of a list. `next` goes into `after` of the next call and means nothing else; undefined on the last page. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly next: string | undefined
}

export interface PageOptions {
  /** The `next` of the page before. @default the first page */
  readonly after?: string
  /** How many items at most, 1 to 10,000. */
  readonly limit: number
  readonly signal?: AbortSignal
}

/** Where the bytes of an entry are. A `path` is absolute; it ends with `/` only if the URL did. */
export type PhysicalKey =
  | {
      readonly kind: 's3'
      readonly bucket: string
      readonly key: string
      readonly versionId: string | undefined
    }
  | { readonly kind: 'file'; readonly path: string }

export const hashTypes = ['sha2-256-chunked', 'SHA256', 'CRC64NVME'] as const
export type HashType = (typeof hashTypes)[number]

/** The checksum of an entry as its manifest has it: `type` may be one that nobody knows (see hashTypes). */
export interface EntryHash {
  readonly type: string
  readonly value: string
}

/**
 * What a manifest line says of an entry besides its keys, unchecked as quilt3 leaves it. Hashed and written as is. The
 * fields of a record and of an entry may be getters: copy them by name, not by spreading.
 */
export interface EntryRecord {
  readonly size: JsonValue
  readonly hash: JsonValue
  /** Never falsy: what is falsy in the manifest is an empty object here. Mostly `{}` or `{"user_meta": ...}`. */
  readonly meta: JsonValue
}

export interface Entry {
  readonly logicalKey: string
  readonly physicalKey: PhysicalKey
  /** Bytes; undefined where the manifest has no integer from 0 to 2^53 - 1. */
  readonly size: number | undefined
  /** Undefined where the manifest has no object with the strings `type` and `value`. */
  readonly hash: EntryHash | undefined
  /** The `meta` object, empty where the manifest has something else; `user_meta` is one of its keys. */
  readonly meta: JsonObject
  readonly record: EntryRecord
}

export interface ManifestHeader {
  /** Null where the header has none, or not a string. */
  readonly message: string | null
  /** Undefined where the header has none. */
  readonly userMeta: JsonValue | undefined
  readonly workflow: JsonValue | undefined
  readonly version: JsonValue | undefined
  /** The whole header in its own order, without `top_hash`: what is hashed and written. */
  readonly raw: JsonObject
}

/** A child of a folder: exactly one of the two has the name. */
export type FolderChild =
  | { readonly kind: 'file'; readonly name: string; readonly entry: Entry }
  | {
      readonly kind: 'folder'
      readonly name: string
      /** Logical key of the folder, with the final `/`. */
      readonly path: string
      /** Entries in it, at any depth. */
      readonly files: number
      /** Bytes in it, at any depth; entries of unknown size count 0. */
      readonly bytes: number
    }

/** Children of one folder in walk order, and what the folder is as a whole. */
export interface FolderPage extends Page<FolderChild> {
  /** `''` for the root, else with the final `/`. */
  readonly path: string
  readonly files: number
  readonly bytes: number
  /** The folder's own metadata: for the root the package's user_meta. Undefined where there is none. */
  readonly meta: JsonValue | undefined
}

/** Entries of one file name extension in a folder, at any depth. */
export interface TypeTotal {
  /** In lower case, without the dot; `''` for names that have none. */
  readonly extension: string
  readonly files: number
  /** Entries of unknown size count 0. */
  readonly bytes: number
}

export interface FolderSummary {
  readonly path: string
  readonly files: number
  readonly bytes: number
  /** The most frequent first. */
  readonly types: readonly TypeTotal[]
}

export interface SearchOptions extends PageOptions {
  /** What to look for, anywhere in the text; not empty. */
  readonly text: string
  /**
   * `keys`: whole logical keys, upper and lower case alike. `metadata`: `meta` as the manifest has it, names and values,
   * where A to Z match in either case.
   */
  readonly in: 'keys' | 'metadata'
}

export interface SearchPage extends Page<Entry> {
  /** Entries that match, on all pages. */
  readonly total: number
}

export interface EntriesOptions {
  /** Only the entries in this folder, at any depth. @default the whole package */
  readonly folder?: string
  /** Only the entries behind this logical key in walk order, whether or not there is an entry of it. @default all */
  readonly after?: string
  readonly signal?: AbortSignal
}

/** One revision, opened. Everything comes from the manifest, in walk order; nothing of it is loaded as a whole. */
export interface Manifest {
  readonly topHash: string
  readonly header: ManifestHeader
  /** Entries in the whole package. */
  readonly files: number
  /** Bytes in the whole package; entries of unknown size count 0. */
  readonly bytes: number
  /** Throws QuiltError `folder-not-found`, `invalid-cursor`, `invalid-limit`, `aborted`. */
  folder(path: string, options: PageOptions): Promise<FolderPage>
  /** Throws QuiltError `folder-not-found`, `aborted`. */
  summary(path: string, options?: CallOptions): Promise<FolderSummary>
  /** Undefined where no entry has exactly this key. */
  entry(logicalKey: string, options?: CallOptions): Promise<Entry | undefined>
  /** In walk order. Throws QuiltError `folder-not-found`, `aborted`. */
  entries(options?: EntriesOptions): AsyncIterable<Entry>
  /** The same in batches, which is faster. */
  entryBatches(options?: EntriesOptions): AsyncIterable<readonly Entry[]>
  /** Key and size of all entries in walk order, in batches: faster than `entries`. */
  keys(options?: EntriesOptions): AsyncIterable<readonly KeyAndSize[]>
  /** Throws QuiltError `invalid-cursor`, `invalid-limit`, `invalid-search`, `aborted`. */
  search(options: SearchOptions): Promise<SearchPage>
  /** Metadata of the folders that have any, in walk order; keys end with `/`. */
  folderMetadata(): Promise<readonly (readonly [string, JsonValue])[]>
  /**
   * Compares what the manifest says with the top hash it was opened by, which opening it does not. Throws QuiltError
   * `manifest-hash-mismatch`, `entry-incomplete`, `aborted`.
   */
  checkTopHash(options?: CallOptions): Promise<void>
  close(): Promise<void>
}

export interface KeyAndSize {
  readonly logicalKey: string
  /** As in Entry. */
  readonly size: number | undefined
}

export interface PackageSummary {
  readonly name: string
  /** The pointer to the latest revision, where it was asked for and there is one. */
  readonly latest?: LatestPointer
}

export interface LatestPointer {
  /** Opaque; another one as soon as another revision is the latest. */
  readonly etag: string
  readonly modified: Date
}

export interface PackagesOptions extends PageOptions {
  /** Only packages whose name begins with it. */
  readonly prefix?: string
  /** Whether to look at the pointers to the latest revisions, too. @default false */
  readonly latest?: boolean
}

export interface Revision {
  /** `latest`, the unix seconds of the push, or another tag. */
  readonly pointer: string
  readonly topHash: string
  readonly modified: Date | undefined
}

/** Bytes from `offset`, `length` of them or up to the end. */
export interface ByteRange {
  readonly offset: number
  readonly length?: number
}

export interface ObjectContent {
  /** Bytes of the whole object, not of the range. */
  readonly size: number
  readonly body: AsyncIterable<Uint8Array>
}

export interface CallOptions {
  readonly signal?: AbortSignal
}

/** Packages in one place: `file:///DIR` or `s3://BUCKET`. */
export interface Registry {
  readonly uri: string
  packages(options: PackagesOptions): Promise<Page<PackageSummary>>
  /** Newest first. */
  revisions(name: string, options: PageOptions): Promise<Page<Revision>>
  /** The top hash that `selector` means: `latest` (also when undefined), a tag, a top hash, or the first 6 to 63 digits of one. */
  resolve(name: string, selector?: string, options?: CallOptions): Promise<string>
  open(topHash: string, options?: CallOptions): Promise<Manifest>
  read(entry: Entry, range?: ByteRange, options?: CallOptions): Promise<ObjectContent>
}
