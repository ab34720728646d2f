import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import type { QuiltErrorCode } from '../catalogue.ts'
import { CacheFolder } from '../cache/cache-folder.ts'
import { fromSystemError, isQuiltError, QuiltError, throwIfAborted } from '../error.ts'
import type { IndexData } from '../scan/index-data.ts'
import { decodeIndex } from '../scan/index-decode.ts'
import { encodeIndex } from '../scan/index-encode.ts'
import { ManifestIndex } from '../scan/manifest-index.ts'
import { scanManifest } from '../scan/scan-manifest.ts'
import { topHash as topHashOf } from '../top-hash.ts'
import type { Manifest, ManifestHeader } from '../types.ts'
import { sharedWorkers } from '../worker/shared.ts'
import type { WorkerPool } from '../worker/pool.ts'
import { describeHeader } from './header.ts'
import { IndexedManifest } from './indexed-manifest.ts'
import { bytesOrUndefined, ManifestSearch } from './manifest-search.ts'
import { MemoryManifest } from './memory-manifest.ts'
import { loadManifest } from './read.ts'
import { parseHeader } from './record.ts'

export interface OpenOptions {
  /** Top hash the manifest is stored under; not compared with the content. @default computed */
  readonly topHash?: string
  /**
   * What the content of the file is known by, where the file itself may be another one next time: the address and
   * version it was downloaded from. @default the file with its size and times
   */
  readonly identity?: string
  /** Where indexes are kept. @default a folder of this user among the temporary files */
  readonly cache?: CacheFolder
  /** Threads that scan and search. @default those of the process */
  readonly workers?: WorkerPool
  readonly signal?: AbortSignal
}

/** Smaller manifests are scanned at once and leave nothing in the cache: that takes a few milliseconds. */
const smallManifest = 512 * 1024

/** A manifest that is in no order and larger than this is refused: it would have to be held in memory. */
const maxUnordered = 64 * 1024 * 1024

/**
 * Opens a manifest file. The first time it is scanned once, with all the checks that the Python client makes; later its
 * index comes from the cache.
 *
 * Throws QuiltError `object-not-found`, `access-denied`, `storage-failed`, or for a bad manifest one of the `manifest-`
 * codes, `invalid-physical-key` or `json-too-deep`, with file and line; `aborted`.
 */
export async function openManifest(file: string, options: OpenOptions = {}): Promise<Manifest> {
  throwIfAborted(options.signal)
  let handle: FileHandle | undefined
  try {
    handle = await open(file, 'r')
    const manifest = await openHandle(handle, file, options)
    if (!(manifest instanceof IndexedManifest)) await handle.close()
    return manifest
  } catch (error) {
    await handle?.close()
    throw isQuiltError(error) ? error.at({ where: file }) : fromSystemError(error, file)
  }
}

/**
 * The top hash of a manifest file, whatever its size in little memory.
 *
 * Throws as openManifest does, and `entry-incomplete`.
 */
export async function topHashOfFile(
  file: string,
  { workers = sharedWorkers(), signal }: Pick<OpenOptions, 'workers' | 'signal'> = {}
): Promise<string> {
  let handle: FileHandle | undefined
  try {
    handle = await open(file, 'r')
    return await topHashOfHandle(handle, file, workers, signal)
  } catch (error) {
    throw isQuiltError(error) ? error.at({ where: file }) : fromSystemError(error, file)
  } finally {
    await handle?.close()
  }
}

async function topHashOfHandle(
  handle: FileHandle,
  file: string,
  workers: WorkerPool,
  signal: AbortSignal | undefined
): Promise<string> {
  const hash = await workers.run({ kind: 'top-hash', file: handle.fd }, signal)
  if (typeof hash === 'string') return hash
  const tree = await loadUnordered(handle, file, signal)
  return await topHashOf(tree.header, tree.walk())
}

async function openHandle(handle: FileHandle, file: string, options: OpenOptions): Promise<Manifest> {
  const { cache = CacheFolder.ofUser(), workers = sharedWorkers(), signal } = options
  const { dev, ino, size, mtimeNs, ctimeNs } = await handle.stat({ bigint: true })
  const identity = options.identity ?? `file:${dev}:${ino}:${mtimeNs}:${ctimeNs}:${size}`
  const name = createHash('sha256').update(identity).digest('hex')
  const data =
    size <= BigInt(smallManifest)
      ? scanSmall(handle)
      : await indexOf({ handle, identity, name: `${name}.index`, size: Number(size), cache, workers, signal })
  if (data === undefined) {
    const tree = await loadUnordered(handle, file, signal)
    return new MemoryManifest(options.topHash ?? (await topHashOf(tree.header, tree.walk())), tree)
  }
  return new IndexedManifest({
    topHash: options.topHash ?? (await topHashOfHandle(handle, file, workers, signal)),
    header: await readHeader(handle, data.facts.headerLength),
    handle,
    index: new ManifestIndex(data),
    search: new ManifestSearch({ handle, facts: data.facts, cache, name: `${name}.keys`, workers })
  })
}

function scanSmall(handle: FileHandle): IndexData | undefined {
  const scanned = scanManifest(handle.fd)
  // through bytes, so that the columns of a small and of a large manifest are the same kind of memory
  return scanned === undefined ? undefined : decodeIndex(encodeIndex(scanned.index, ''), '')
}

interface IndexPlace {
  readonly handle: FileHandle
  readonly identity: string
  readonly name: string
  readonly size: number
  readonly cache: CacheFolder
  readonly workers: WorkerPool
  readonly signal: AbortSignal | undefined
}

async function indexOf(place: IndexPlace): Promise<IndexData | undefined> {
  const { handle, identity, name, size, cache, workers, signal } = place
  const cached = await cache.read(name)
  if (cached !== undefined) {
    const data = decodeIndex(cached, identity)
    if (data?.facts.fileSize === size) return data
    await cache.remove(name)
  }
  const made = bytesOrUndefined(await workers.run({ kind: 'scan', file: handle.fd, identity }, signal))
  if (made === undefined) return undefined
  const data = decodeIndex(made, identity)
  if (data === undefined) throw new QuiltError('internal', 'a worker sent an index that cannot be read')
  await keep(cache, name, made)
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
  if (size > maxUnordered)
    throw new QuiltError(
      'manifest-unordered',
      `the manifest has ${size} bytes and its lines are not in the order of a walk`
    )
  const bytes = createReadStream(file, {
    fd: handle.fd,
    autoClose: false,
    start: 0,
    highWaterMark: 1024 * 1024
  })
  return await loadManifest(bytes, signal === undefined ? {} : { signal })
}
