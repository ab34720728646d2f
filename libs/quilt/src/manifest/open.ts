import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import type { QuiltErrorCode } from '../catalogue.ts'
import type { CacheFolder } from '../cache/cache-folder.ts'
import { fromSystemError, isQuiltError, QuiltError, throwIfAborted } from '../error.ts'
import type { IndexData } from '../scan/index-data.ts'
import { decodeIndex } from '../scan/index-decode.ts'
import { encodeIndex } from '../scan/index-encode.ts'
import { ManifestIndex } from '../scan/manifest-index.ts'
import { scanManifest } from '../scan/scan-manifest.ts'
import { topHash as topHashOf } from '../top-hash.ts'
import type { CallOptions, Manifest, ManifestHeader } from '../types.ts'
import type { WorkerPool } from '../worker/pool.ts'
import { describeHeader } from './header.ts'
import { IndexedManifest } from './indexed-manifest.ts'
import { bytesOrUndefined, ManifestSearch } from './manifest-search.ts'
import { MemoryManifest } from './memory-manifest.ts'
import { loadManifest } from './read.ts'
import { parseHeader } from './record.ts'

export interface OpenOptions extends CallOptions {
  /** Top hash the manifest is stored under; not compared with the content. @default computed */
  readonly topHash?: string
  /**
   * What the content of the file is known by, where the file itself may be another one next time: the address and
   * version it was downloaded from. @default the file with its size and times
   */
  readonly identity?: string
  /** Where indexes are kept. */
  readonly cache: CacheFolder
  /** Threads that scan and search. They outlive the manifest. */
  readonly workers: WorkerPool
}

/** Smaller manifests are scanned at once and leave nothing in the cache: that takes a few milliseconds. */
const smallManifest = 512 * 1024

/** A manifest that is in no order is held in memory up to this size; a larger one is sorted into a file first. */
const maxHeld = 1024 * 1024

/** Nor is a larger one held where it cannot be sorted, since the order of its lines matters. */
const maxUnsortable = 64 * 1024 * 1024

/**
 * Opens a manifest file. The first time it is scanned once, with all the checks that the Python client makes; later its
 * index comes from the cache.
 *
 * Throws QuiltError `object-not-found`, `access-denied`, `storage-failed`, or for a bad manifest one of the `manifest-`
 * codes, `invalid-physical-key` or `json-too-deep`, with file and line; `aborted`.
 */
export async function openManifest(file: string, options: OpenOptions): Promise<Manifest> {
  const { cache, workers, signal } = options
  return await withHandle(file, signal, async (handle) => {
    const { dev, ino, size, mtimeNs, ctimeNs } = await handle.stat({ bigint: true })
    const identity = options.identity ?? `file:${dev}:${ino}:${mtimeNs}:${ctimeNs}:${size}`
    const place = { handle, identity, size: Number(size), cache, workers, signal }
    const data = place.size <= smallManifest ? scanSmall(handle) : await indexOf(place)
    if (data !== undefined) return await indexed(place, data, options.topHash)
    const sorted = place.size <= maxHeld ? undefined : await sortedCopy(place)
    if (sorted !== undefined) {
      await handle.close()
      return await indexed(
        { ...place, handle: sorted.handle, identity: `${identity}:sorted` },
        sorted.data,
        options.topHash
      )
    }
    const tree = await loadUnordered(handle, file, signal)
    const topHash = options.topHash ?? (await topHashOf(tree.header, tree.walk()))
    await handle.close()
    return new MemoryManifest(topHash, tree)
  })
}

/**
 * The top hash of a manifest file, whatever its size in little memory.
 *
 * Throws as openManifest does, and `entry-incomplete`.
 */
export async function topHashOfFile(file: string, options: Omit<OpenOptions, 'topHash'>): Promise<string> {
  const { workers, signal } = options
  return await withHandle(file, signal, async (handle) => {
    const hash = await workers.run({ kind: 'top-hash', file: handle.fd }, signal)
    await handle.close()
    if (typeof hash === 'string') return hash
    // in no order: what opening it has to do anyway
    const manifest = await openManifest(file, options)
    await manifest.close()
    return manifest.topHash
  })
}

/** Opens a file for an action, which closes it where it succeeds. */
async function withHandle<T>(
  file: string,
  signal: AbortSignal | undefined,
  action: (handle: FileHandle) => Promise<T>
): Promise<T> {
  throwIfAborted(signal)
  let handle: FileHandle | undefined
  try {
    handle = await open(file, 'r')
    return await action(handle)
  } catch (error) {
    await handle?.close()
    throw isQuiltError(error) ? error.at({ where: file }) : fromSystemError(error, file)
  }
}

async function indexed(place: Place, data: IndexData, known: string | undefined): Promise<Manifest> {
  const { handle, identity, cache, workers, signal } = place
  const computeTopHash = async (signal: AbortSignal | undefined): Promise<string | undefined> => {
    const found = await workers.run({ kind: 'top-hash', file: handle.fd }, signal)
    return typeof found === 'string' ? found : undefined
  }
  const topHash = known ?? (await computeTopHash(signal))
  if (topHash === undefined)
    throw new QuiltError('manifest-changed', 'the manifest changed while it was opened')
  return new IndexedManifest({
    topHash,
    header: await readHeader(handle, data.facts.headerLength),
    handle,
    index: new ManifestIndex(data),
    computeTopHash,
    search: new ManifestSearch({
      handle,
      facts: data.facts,
      cache,
      name: cacheName(identity, 'keys'),
      workers
    })
  })
}

function cacheName(identity: string, kind: string): string {
  return `${createHash('sha256').update(identity).digest('hex')}.${kind}`
}

function scanSmall(handle: FileHandle): IndexData | undefined {
  const scanned = scanManifest(handle.fd)
  // through bytes, so that the columns of a small and of a large manifest are the same kind of memory
  return scanned === undefined ? undefined : decodeIndex(encodeIndex(scanned.index, ''), '')
}

interface Place {
  readonly handle: FileHandle
  readonly identity: string
  readonly size: number
  readonly cache: CacheFolder
  readonly workers: WorkerPool
  readonly signal: AbortSignal | undefined
}

async function indexOf({
  handle,
  identity,
  size,
  cache,
  workers,
  signal
}: Place): Promise<IndexData | undefined> {
  const known = cache.memory.get(identity)
  if (known?.facts.fileSize === size) return known
  const name = cacheName(identity, 'index')
  const cached = await cache.read(name)
  if (cached !== undefined) {
    const data = decodeIndex(cached, identity)
    if (data?.facts.fileSize === size) {
      cache.memory.set(identity, data, cached.length)
      return data
    }
    await cache.remove(name)
  }
  const made = bytesOrUndefined(await workers.run({ kind: 'scan', file: handle.fd, identity }, signal))
  if (made === undefined) return undefined
  await keep(cache, name, made)
  const data = decoded(made, identity)
  cache.memory.set(identity, data, made.length)
  return data
}

/** A copy of the manifest with its lines in order, and its index; undefined where it cannot be put in order. */
async function sortedCopy({
  handle,
  identity,
  cache,
  workers,
  signal
}: Place): Promise<{ readonly handle: FileHandle; readonly data: IndexData } | undefined> {
  const copy = await cache.scratch()
  try {
    const isSorted = await workers.run({ kind: 'sort', file: handle.fd, out: copy.fd }, signal)
    if (isSorted === true) {
      const made = bytesOrUndefined(await workers.run({ kind: 'scan', file: copy.fd, identity }, signal))
      if (made !== undefined) return { handle: copy, data: decoded(made, identity) }
    }
  } catch (error) {
    await copy.close()
    throw error
  }
  await copy.close()
  return undefined
}

function decoded(made: Uint8Array, identity: string): IndexData {
  const data = decodeIndex(made, identity)
  if (data === undefined) throw new QuiltError('internal', 'a worker sent an index that cannot be read')
  return data
}

const cacheUnavailable: readonly QuiltErrorCode[] = [
  'storage-full',
  'storage-failed',
  'access-denied',
  'object-not-found'
]

/** A cache that is full or may not be written is no reason to fail: the index is there, and is made again next time. */
async function keep(cache: CacheFolder, name: string, bytes: Uint8Array): Promise<void> {
  try {
    await cache.write(name, bytes)
  } catch (error) {
    if (!isQuiltError(error) || !cacheUnavailable.includes(error.code)) throw error
  }
}

async function readHeader(handle: FileHandle, length: number): Promise<ManifestHeader> {
  const line = Buffer.alloc(length)
  const { bytesRead } = await handle.read(line, 0, length, 0)
  return describeHeader(parseHeader({ text: line.toString('utf8', 0, bytesRead) }))
}

async function loadUnordered(
  handle: FileHandle,
  file: string,
  signal: AbortSignal | undefined
): ReturnType<typeof loadManifest> {
  const { size } = await handle.stat()
  if (size > maxUnsortable)
    throw new QuiltError('manifest-unordered', `the manifest has ${size} bytes and lines whose order matters`)
  const bytes = createReadStream(file, {
    fd: handle.fd,
    autoClose: false,
    start: 0,
    highWaterMark: 128 * 1024
  })
  return await loadManifest(bytes, signal === undefined ? {} : { signal })
}
