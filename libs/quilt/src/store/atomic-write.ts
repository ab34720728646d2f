import { randomBytes } from 'node:crypto'
import { createReadStream, type BigIntStats } from 'node:fs'
import { lstat, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { QuiltError, throwIfAborted } from '../error.ts'
import { fileError, isMissing, systemCode } from './file-errors.ts'
import type { Body, PutOptions } from './object-store.ts'

const temporaryName = /^\.quilt-[0-9a-f]{16}\.partial$/

/** Whether a file name is one of our temporary ones: a write in progress, or left by one that was killed. */
export function isTemporary(name: string): boolean {
  return temporaryName.test(name)
}

/**
 * Writes a file under a temporary name in the same folder, flushes it to disk and renames it, so that a reader sees
 * the old content or the whole new one. A link of that name is replaced, never followed. Returns what was written.
 */
export async function writeAtomically(
  folder: string,
  name: string,
  body: Body,
  { signal, onBytes }: Pick<PutOptions, 'signal' | 'onBytes'> = {}
): Promise<BigIntStats> {
  const temporary = join(folder, `.quilt-${randomBytes(8).toString('hex')}.partial`)
  try {
    const handle = await open(temporary, 'wx')
    let stats: BigIntStats
    try {
      for await (const chunk of chunksOf(body, signal)) {
        throwIfAborted(signal)
        await handle.writeFile(chunk)
        onBytes?.(chunk.length)
      }
      await handle.sync()
      stats = await handle.stat({ bigint: true })
    } finally {
      await handle.close()
    }
    await rename(temporary, join(folder, name))
    await syncFolder(folder)
    return stats
  } catch (error) {
    await rm(temporary, { force: true })
    throw fileError(error, name)
  }
}

/** Temporary files that are older, in milliseconds, were left by a writer that was killed. */
const abandonedAfter = 10 * 60 * 1000

/** Removes what killed writers left in a folder: other programs would take it for objects. */
export async function removeAbandoned(folder: string): Promise<void> {
  for (const name of (await readdir(folder)).filter(isTemporary)) {
    const file = join(folder, name)
    try {
      if (Date.now() - (await lstat(file)).mtimeMs > abandonedAfter) await rm(file)
    } catch (error) {
      // its writer was alive after all, and has renamed it
      if (!isMissing(error)) throw fileError(error, name)
    }
  }
}

/** Makes names created in a folder survive a power failure. Some file systems cannot; they order it themselves. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } catch (error) {
    if (systemCode(error) !== 'EINVAL') throw error
  } finally {
    await handle.close()
  }
}

/** The bytes of a body. Throws `object-changed` if a file or a stream turns out longer or shorter than it said. */
export async function* chunksOf(body: Body, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) {
    yield body
    return
  }
  const expected = await sizeOf(body)
  const chunks =
    'file' in body
      ? createReadStream(body.file, { highWaterMark: 1 << 20, ...(signal === undefined ? {} : { signal }) })
      : body.stream
  let size = 0
  for await (const chunk of chunks) {
    const bytes: unknown = chunk
    if (!(bytes instanceof Uint8Array)) throw new TypeError('a body must consist of bytes')
    size += bytes.length
    yield bytes
  }
  if (size === expected) return
  const name = 'file' in body ? `'${body.file}'` : 'the stream'
  throw new QuiltError(
    'object-changed',
    `${name} has ${String(size)} bytes where ${String(expected)} were expected`
  )
}

/** The number of bytes a body has. */
export async function sizeOf(body: Body): Promise<number> {
  if (body instanceof Uint8Array) return body.length
  if ('stream' in body) return body.size
  try {
    const stats = await stat(body.file)
    if (stats.isFile()) return stats.size
  } catch (error) {
    throw fileError(error, body.file)
  }
  throw new QuiltError('storage-failed', `'${body.file}' is not a file`, { remedy: 'Name a regular file.' })
}
