import { open, type FileHandle } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { fromSystemError, QuiltError, throwIfAborted } from '../error.ts'
import type { CallOptions, EntryHash, HashType } from '../types.ts'
import type { WorkerPool } from '../worker/pool.ts'
import { chunkCountFor, chunkSizeFor } from './chunk-size.ts'
import { combineChunkDigests, createHasher } from './hasher.ts'

/** Checksum and size of a file. */
export interface FileHash {
  /** Bytes. */
  readonly size: number
  readonly hash: EntryHash
}

export interface HashFileOptions extends CallOptions {
  /** @default 'sha2-256-chunked' */
  readonly type?: HashType
  /** Threads for large files. */
  readonly workers: WorkerPool
}

/** Larger files are hashed by all processors together; smaller ones are done before the threads have started. */
const parallelFrom = 64 * 1024 * 1024

const pieceSize = 1024 * 1024

/**
 * Reads a file once and gives its checksum: large ones for sha2-256-chunked in worker threads, a chunk each.
 *
 * Throws QuiltError `object-not-found`, `access-denied`, `object-changed` where the file grew or shrank meanwhile,
 * `storage-failed`, `aborted`.
 */
export async function hashFile(
  file: string,
  { type = 'sha2-256-chunked', workers, signal }: HashFileOptions
): Promise<FileHash> {
  let handle: FileHandle | undefined
  try {
    handle = await open(file, 'r')
    const { size } = await handle.stat()
    const hash =
      type === 'sha2-256-chunked' && size >= parallelFrom
        ? await hashInParallel(handle, size, workers, signal)
        : await hashInOrder(handle, size, type, signal)
    if ((await handle.stat()).size !== size)
      throw new QuiltError('object-changed', `${file} changed while it was read`, { where: file })
    return { size, hash }
  } catch (error) {
    throw fromSystemError(error, file)
  } finally {
    await handle?.close()
  }
}

async function hashInOrder(
  handle: FileHandle,
  size: number,
  type: HashType,
  signal: AbortSignal | undefined
): Promise<EntryHash> {
  const hasher = createHasher(type, size)
  const piece = Buffer.allocUnsafe(Math.min(pieceSize, Math.max(size, 1)))
  for (let at = 0; at < size;) {
    throwIfAborted(signal)
    const { bytesRead } = await handle.read(piece, 0, Math.min(piece.length, size - at), at)
    if (bytesRead === 0) throw new QuiltError('object-changed', `the file ended at ${at} of ${size} bytes`)
    hasher.update(piece.subarray(0, bytesRead))
    at += bytesRead
  }
  return hasher.digest()
}

async function hashInParallel(
  handle: FileHandle,
  size: number,
  workers: WorkerPool,
  signal: AbortSignal | undefined
): Promise<EntryHash> {
  const digests = new SharedArrayBuffer(chunkCountFor(size) * 32)
  const task = {
    kind: 'hash-chunks',
    file: handle.fd,
    size,
    chunkSize: chunkSizeFor(size),
    next: new SharedArrayBuffer(4),
    digests
  } as const
  // all must have ended before the file is closed, also where one fails
  const outcomes = await Promise.allSettled(
    Array.from({ length: availableParallelism() }, () => workers.run(task, signal))
  )
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  return combineChunkDigests(new Uint8Array(digests))
}
