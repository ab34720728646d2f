import { realpath } from 'node:fs/promises'

import { createHasher } from '../checksums/hasher.ts'
import { QuiltError, throwIfAborted } from '../error.ts'
import { chunksOf, sizeOf } from '../store/atomic-write.ts'
import { fileError } from '../store/file-errors.ts'
import { streamOf, type Body } from '../store/object-store.ts'
import { createEntry, ManifestEntry, UsualEntry } from '../entry.ts'
import type { CallOptions, Entry, EntryHash, PhysicalKey } from '../types.ts'
import type { Located } from './data-roots.ts'
import { isEntry, type PendingEntry, type Source } from './package-builder.ts'
import type { BringOptions } from './package-writer.ts'

/** The bytes of a source, which can be read as often as needed. */
export interface SourceBytes {
  readonly size: number
  /** Of an object, where its bucket keeps versions. */
  readonly versionId?: string | undefined
  body(): Body
}

export type Locate = (key: PhysicalKey) => Promise<Located>

/** Finds the bytes of a source. Throws `object-not-found` where there are none, and what `locate` throws. */
export async function bytesOf(source: Source, locate: Locate, options: CallOptions): Promise<SourceBytes> {
  if (source instanceof Uint8Array || 'file' in source)
    return { size: await sizeOf(source), body: () => source }
  const { store, key, versionId } = await locate(isEntry(source) ? source.physicalKey : source.object)
  const head = await store.head(key, { ...options, ...(versionId === undefined ? {} : { versionId }) })
  if (head !== undefined) {
    const { size } = head
    // what was measured is what is read
    const version = versionId ?? head.versionId
    const read = { ...options, ...(version === undefined ? {} : { versionId: version }) }
    return { size, versionId: version, body: () => ({ stream: streamOf(store, key, read), size }) }
  }
  throw new QuiltError('object-not-found', `there is no object '${key}' in ${store.uri}`, { key })
}

/** A body that computes its chunked checksum while it is read, so that no byte is read for that alone. */
export function hashWhileReading(
  { size, body }: SourceBytes,
  options: CallOptions
): { readonly body: Body; hash(): EntryHash } {
  const hasher = createHasher('sha2-256-chunked', size)
  const chunks = chunksOf(body(), options.signal)
  const stream = (async function* () {
    for await (const chunk of chunks) {
      hasher.update(chunk)
      yield chunk
    }
  })()
  return { body: { stream, size }, hash: () => hasher.digest() }
}

/** The chunked checksum of a source. */
export async function checksumOf({ size, body }: SourceBytes, options: BringOptions): Promise<EntryHash> {
  const hasher = createHasher('sha2-256-chunked', size)
  for await (const chunk of chunksOf(body(), options.signal)) {
    throwIfAborted(options.signal)
    hasher.update(chunk)
    options.onBytes?.(chunk.length)
  }
  return hasher.digest()
}

/** The physical key of a source, for the version that was found unless it is to follow the newest. */
export function pinned(source: Source, key: PhysicalKey, versionId: string | undefined): PhysicalKey {
  const isPinned = 'object' in source && source.unversioned !== true && key.kind === 's3'
  return isPinned ? { ...key, versionId } : key
}

/**
 * The entry as its manifest has it, where that names size and checksum, of whatever kind: only what is missing is
 * looked up. Source: quilt3 8.0.0, packages.py `_calculate_missing_hashes`, which fails without a size.
 */
export function completeAlready(
  { logicalKey, source, meta }: PendingEntry,
  physicalKey: PhysicalKey
): Entry | undefined {
  if (source instanceof Uint8Array || !isEntry(source)) return undefined
  if (source instanceof UsualEntry)
    return createEntry({ logicalKey, physicalKey, size: source.size, hash: source.hash, meta })
  const { size, hash } = source.record
  return size === null || hash === null
    ? undefined
    : new ManifestEntry(logicalKey, physicalKey, { size, hash, meta })
}

/** The physical key of a source that has one; bytes have a place only once they are written. For a file it is its path
 * without links, as quilt3 records it. */
export async function physicalKeyOf({ logicalKey, source }: PendingEntry): Promise<PhysicalKey> {
  if (source instanceof Uint8Array) throw new QuiltError('internal', `${logicalKey} has bytes and no place`)
  if (isEntry(source)) return source.physicalKey
  if ('object' in source) return source.object
  try {
    return { kind: 'file', path: await realpath(source.file) }
  } catch (error) {
    throw fileError(error, source.file)
  }
}
