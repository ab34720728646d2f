export { catalogue, type QuiltErrorCode } from './catalogue.ts'
export { chunkCountFor, chunkSizeFor, isMultipart } from './checksums/chunk-size.ts'
export { checksumFromS3, chunkedFromWhole, type S3Checksums } from './checksums/from-s3.ts'
export { hashFile, type FileHash, type HashFileOptions } from './checksums/hash-file.ts'
export { checkHashType, createHasher, type Hasher } from './checksums/hasher.ts'
export { verified } from './checksums/verify.ts'
export { createEntry, type NewEntry } from './entry.ts'
export { isQuiltError, QuiltError, type ErrorPlace, type QuiltErrorOptions } from './error.ts'
export * from './json/index.ts'
export { nextHeader, type HeaderFields } from './manifest/header.ts'
export { openManifest, type OpenOptions } from './manifest/open.ts'
export { loadManifest, readManifest, type ManifestPart } from './manifest/read.ts'
export { Folder, PackageTree } from './manifest/tree.ts'
export { writeManifest, writeManifestFile, type ManifestContent } from './manifest/write.ts'
export { checkLogicalKey, checkPackageName, isPackageName, isSafePath, isTopHash } from './names.ts'
export { formatPhysicalKey, localPhysicalKey, parsePhysicalKey } from './physical-key.ts'
export { topHash, TopHasher } from './top-hash.ts'
export * from './types.ts'
export { formatQuiltUri, parseQuiltUri, type QuiltUri } from './uri.ts'
export { openRegistry, type OpenRegistryOptions } from './registry/open-registry.ts'
export { PackageBuilder, type PendingEntry, type Source } from './registry/package-builder.ts'
export type {
  BuildOptions,
  Destination,
  EntryProgress,
  Pushed,
  PushOptions,
  Selection
} from './registry/package-writer.ts'
export type { WritableRegistry } from './registry/writable-registry.ts'
export type {
  Body,
  ListedObject,
  ListOptions,
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
} from './store/object-store.ts'
export { type FolderSource } from './registry/add-folder.ts'
export { fetchPackage, type Fetched, type FetchOptions } from './registry/fetch.ts'
export { verifyFolder, verifyPackage, type Discrepancy } from './registry/verify.ts'
export { openStore, type OpenStore } from './store/open-store.ts'
export type { S3Options } from './store/s3-client.ts'
export { listAll, streamOf } from './store/object-store.ts'
export { CacheFolder } from './cache/cache-folder.ts'
export { diff, differences, type Diff, type Difference, type DifferencesOptions } from './diff.ts'
export { topHashOfFile } from './manifest/open.ts'
export { equalEntries } from './scan/scanned-entry.ts'
export { WorkerPool } from './worker/pool.ts'
export type { Workflow, WorkflowConfig } from './workflows/config.ts'
export { readWorkflowConfig } from './workflows/read-config.ts'
export { readReadme, readSummary, type SummaryItem } from './registry/package-documents.ts'
export { mergeMetadata } from './registry/merge-metadata.ts'
export {
  SearchIndex,
  type EntryHit,
  type PackageHit,
  type RegistrySearch,
  type SearchIndexOptions,
  type SearchResults
} from './search/search-index.ts'
export type { Refreshed } from './search/refresh-index.ts'
