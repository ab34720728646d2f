import { realpathSync, type BigIntStats } from 'node:fs'
import { mkdir, realpath, rm } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, normalize } from 'node:path'

import { isQuiltError, QuiltError, throwIfAborted } from '../error.ts'
import { Pace } from '../pace.ts'
import { formatPhysicalKey } from '../physical-key.ts'
import type { ObjectContent, Page } from '../types.ts'
import { removeAbandoned, writeAtomically } from './atomic-write.ts'
import { fileError, isMissing } from './file-errors.ts'
import {
  keyParts,
  makeFolderInside,
  openInside,
  removeEmptyFolders,
  resolveInside,
  type OpenFile
} from './inside-root.ts'
import { listFiles, listFolders, listKeys } from './local-list.ts'
import { readSmall, statsAt } from './look.ts'
import type {
  Body,
  ListedObject,
  ListOptions,
  ObjectHead,
  ObjectSource,
  ObjectStore,
  ObjectVersion,
  PutOptions,
  PutResult,
  RangeOptions,
  ReadOptions,
  SmallObject,
  Some,
  SomeOptions
} from './object-store.ts'
import { rangeWithin } from './range.ts'
import { withLock } from './write-lock.ts'

/** What serializes writers that compare before they write: kept where a registry keeps its own files. */
const lockKey = '.quilt/lock'

/** How often a write is tried whose folder is removed meanwhile. */
const maxAttempts = 5

/** Bytes read at once. */
const chunkBytes = 1 << 18

/** A folder as an object store. The folder need not exist: it is then empty, and the first write makes it. */
export class LocalStore implements ObjectStore {
  readonly uri: string
  readonly #path: string
  readonly #pace = new Pace()

  /** @param path absolute path of the folder */
  constructor(path: string) {
    if (!isAbsolute(path))
      throw new QuiltError('invalid-registry', `'${path}' is not an absolute path`, {
        remedy: 'Give the whole path.'
      })
    const normal = normalize(path)
    this.#path = normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal
    this.uri = formatPhysicalKey({ kind: 'file', path: this.#path })
  }

  async head(key: string, options: ReadOptions = {}): Promise<ObjectHead | undefined> {
    const file = await this.#open(key, options)
    if (file === undefined) return undefined
    await file.handle.close()
    return { ...describe(key, file.stats), checksums: {} }
  }

  async get(key: string, options: RangeOptions = {}): Promise<Uint8Array> {
    const file = await this.#openExisting(key, options)
    try {
      const { start, end } = rangeWithin(Number(file.stats.size), options)
      const bytes = Buffer.allocUnsafe(end - start)
      let filled = 0
      while (filled < bytes.length) {
        const { bytesRead } = await file.handle.read(bytes, filled, bytes.length - filled, start + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return bytes.subarray(0, filled)
    } catch (error) {
      throw fileError(error, key)
    } finally {
      await file.handle.close()
    }
  }

  async read(key: string, options: RangeOptions = {}): Promise<ObjectContent> {
    const head = await this.head(key, options)
    if (head === undefined) throw this.#missing(key)
    rangeWithin(head.size, options)
    return { size: head.size, body: this.#stream(key, options) }
  }

  /** Opens the file when it is iterated, so that a body nobody reads keeps nothing open. */
  async *#stream(key: string, options: RangeOptions): AsyncGenerator<Uint8Array> {
    const file = await this.#openExisting(key, options)
    try {
      const { start, end } = rangeWithin(Number(file.stats.size), options)
      for (let at = start; at < end;) {
        throwIfAborted(options.signal)
        const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, end - at))
        const { bytesRead } = await file.handle.read(chunk, 0, chunk.length, at)
        if (bytesRead === 0) return
        at += bytesRead
        yield chunk.subarray(0, bytesRead)
      }
    } catch (error) {
      throw fileError(error, key)
    } finally {
      await file.handle.close()
    }
  }

  async put(key: string, body: Body, options: PutOptions = {}): Promise<PutResult> {
    const root = await this.makeRoot()
    if (options.ifMatch === undefined) return await this.#write(root, key, body, options)
    const lock = join(await makeFolderInside(root, lockKey), basename(lockKey))
    return await withLock(
      lock,
      async () => {
        const found = (await this.head(key))?.etag ?? null
        if (found !== options.ifMatch)
          throw new QuiltError('object-changed', `'${key}' was changed by another writer`, { key })
        const written = await this.#write(root, key, body, options)
        await removeAbandoned(dirname(join(root, key)))
        return written
      },
      options.signal
    )
  }

  async copy(source: ObjectSource, key: string, options: PutOptions = {}): Promise<PutResult> {
    if (source.store !== this.uri)
      throw new QuiltError('not-supported', `${source.store} cannot be copied from within ${this.uri}`, {
        remedy: 'Read the object from its own store and put it here.'
      })
    const file = await this.#openExisting(source.key, options)
    await file.handle.close()
    return await this.put(key, { file: file.path }, options)
  }

  async delete(key: string): Promise<void> {
    const root = this.#root()
    if (root === undefined) return
    // The name itself goes, also where it is a link; only its folder must be inside.
    const parts = keyParts(key)
    const above = parts.slice(0, -1)
    const folder = above.length === 0 ? root : resolveInside(root, above.join('/'))
    if (folder === undefined) return
    try {
      await rm(join(folder, basename(key)))
      await removeEmptyFolders(root, folder)
    } catch (error) {
      if (!isMissing(error)) throw fileError(error, key)
    }
  }

  async list(options: ListOptions = {}): Promise<Page<ListedObject>> {
    const root = this.#root()
    const limit = options.limit ?? 1000
    const items: ListedObject[] = []
    if (root === undefined) return { items, next: undefined }
    const { prefix = '', after = '', signal } = options
    for await (const files of listKeys(root, prefix, after, this.#pace))
      for (const { key, isLink } of files) {
        throwIfAborted(signal)
        if (this.#pace.isDue) await this.#pace.rest()
        const stats = isLink ? await this.#statsOf(root, key) : statsAt(join(root, key))
        if (stats === undefined) continue
        if (items.length === limit) return { items, next: items.at(-1)?.key }
        items.push(describe(key, stats))
      }
    return { items, next: undefined }
  }

  async getSome<Chosen extends { readonly names: readonly string[] }>(
    prefix: string,
    choose: (names: readonly string[]) => Chosen,
    options: SomeOptions
  ): Promise<Some<Chosen>> {
    const folder = this.#folder(prefix.slice(0, -1))
    const names = folder === undefined ? [] : await listFiles(folder, this.#pace)
    const chosen = choose(names)
    // a name that was not listed may lead anywhere
    const listed = new Set(names)
    const objects: (SmallObject | undefined)[] = []
    for (const name of chosen.names) {
      throwIfAborted(options.signal)
      if (this.#pace.isDue) await this.#pace.rest()
      const found = listed.has(name) ? readSmall(`${folder}/${name}`, options.end) : undefined
      objects.push(found === 'link' ? await this.#linked(prefix + name, options) : found)
    }
    return { chosen, objects }
  }

  /** The real path of a folder; undefined where there is none. */
  #folder(key: string): string | undefined {
    const path = `${this.#path}/${keyParts(key).join('/')}`
    try {
      // without any link on the way, the root is no link either, and need not be looked up
      if (realpathSync.native(path) === path) return path
    } catch (error) {
      if (isMissing(error)) return undefined
      throw fileError(error, key)
    }
    const root = this.#root()
    return root === undefined ? undefined : resolveInside(root, key)
  }

  /** What a link leads to; undefined where it leads to nothing. */
  async #linked(key: string, options: SomeOptions): Promise<SmallObject | undefined> {
    const head = await this.head(key, options)
    return head === undefined ? undefined : { bytes: await this.get(key, options), modified: head.modified }
  }

  async folders(prefix: string): Promise<readonly string[]> {
    const root = this.#root()
    return root === undefined ? [] : await listFolders(root, prefix, this.#pace)
  }

  async versions(key: string): Promise<readonly ObjectVersion[]> {
    const head = await this.head(key)
    if (head === undefined) return []
    const { size, modified, etag } = head
    return [{ key, size, modified, etag, versionId: undefined, latest: true, deleted: false }]
  }

  presign(key: string): Promise<string> {
    return Promise.reject(
      new QuiltError('not-supported', `'${key}' is in a folder, which has no addresses to hand out`, {
        remedy: 'Read the bytes instead.'
      })
    )
  }

  async #write(root: string, key: string, body: Body, options: PutOptions): Promise<PutResult> {
    for (let attempt = 1; ; attempt++)
      try {
        const folder = await makeFolderInside(root, key)
        const stats = await writeAtomically(folder, basename(key), body, options)
        const { size, etag } = describe(key, stats)
        return { size, etag, checksums: {} }
      } catch (error) {
        // Another writer that removed the last other object of the folder has removed the folder too.
        const gone =
          isQuiltError(error, 'object-not-found') && [key, basename(key)].includes(error.where ?? '')
        if (!gone || attempt === maxAttempts) throw error
      }
  }

  async #statsOf(root: string, key: string): Promise<BigIntStats | undefined> {
    const file = await openInside(root, key)
    await file?.handle.close()
    return file?.stats
  }

  async #openExisting(key: string, options: ReadOptions): Promise<OpenFile> {
    const file = await this.#open(key, options)
    if (file !== undefined) return file
    throw this.#missing(key)
  }

  #missing(key: string): QuiltError {
    return new QuiltError('object-not-found', `there is no object '${key}' in ${this.uri}`, { key })
  }

  async #open(key: string, options: ReadOptions): Promise<OpenFile | undefined> {
    throwIfAborted(options.signal)
    const root = this.#root()
    return root === undefined ? undefined : await openInside(root, key)
  }

  /** Where an object is on disk, without links; undefined where there is none. */
  async pathOf(key: string): Promise<string | undefined> {
    const file = await this.#open(key, {})
    await file?.handle.close()
    return file?.path
  }

  #root(): string | undefined {
    try {
      return realpathSync.native(this.#path)
    } catch (error) {
      if (isMissing(error)) return undefined
      throw fileError(error, this.uri)
    }
  }

  /** The folder's path without links; makes it where it is missing. */
  async makeRoot(): Promise<string> {
    try {
      await mkdir(this.#path, { recursive: true })
      return await realpath(this.#path)
    } catch (error) {
      throw fileError(error, this.uri)
    }
  }
}

function describe(key: string, stats: BigIntStats): ListedObject {
  return {
    key,
    size: Number(stats.size),
    modified: stats.mtime,
    etag: `${stats.ino.toString(16)}-${stats.mtimeNs.toString(16)}-${stats.size.toString(16)}`
  }
}
