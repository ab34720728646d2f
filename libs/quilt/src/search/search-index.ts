import { createHash } from 'node:crypto'
import { z } from 'zod'

import { CacheFolder } from '../cache/cache-folder.ts'
import { QuiltError, throwIfAborted } from '../error.ts'
import { checkLimit, decodeCursor, encodeCursor } from '../page.ts'
import type { CallOptions, Page, PageOptions, Registry } from '../types.ts'
import { WorkerPool } from '../worker/pool.ts'
import type { IndexQuery, IndexWork } from './index-task.ts'
import { refreshIndex, type Refreshed } from './refresh-index.ts'
import { searchWords } from './search-words.ts'

export interface SearchIndexOptions {
  /** Folder for the index. @default one of this user in the system's temporary folder */
  readonly cacheFolder?: string | CacheFolder
  /**
   * Stands for what its users may read, where not everyone who reaches the registry may read the same: those who give the
   * same text share an index. @default all users of the folder share one
   */
  readonly audience?: string
  /** Threads that do the work. @default threads of its own */
  readonly workers?: WorkerPool
  /** For so long after it was compared with the registry the index is taken for current, in milliseconds. @default 10,000 */
  readonly maxAge?: number
}

/** What to search for. All filters that are given must hold; those of entries hold for one and the same entry. */
export interface RegistrySearch extends PageOptions {
  /** Words, in any order and either case; each may be the start of a longer one. Empty: everything that the filters let through. */
  readonly text: string
  /** A package, or all whose names begin alike if it ends with `/`. */
  readonly package?: string
  /** Entries with one of these extensions, or packages that have such. */
  readonly extensions?: readonly string[]
  /** Entries of so many bytes, or packages that have such. */
  readonly minSize?: number
  readonly maxSize?: number
  /** Packages whose latest revision is not older. */
  readonly modifiedAfter?: Date
  /** Packages whose latest revision is older. */
  readonly modifiedBefore?: Date
  /** Told while the index is brought up to date, which the first time takes a while. */
  readonly onProgress?: (done: number, total: number) => void
}

/** A package in whose name, message, user metadata or keys all words are. */
export interface PackageHit {
  readonly name: string
  readonly topHash: string
  readonly message: string | null
  /** When the latest revision was made. */
  readonly modified: Date | undefined
  readonly files: number
  readonly bytes: number
  /** Entries of it that match by their key. */
  readonly matching: number
}

/** An entry in whose key, or package name, all words are. */
export interface EntryHit {
  readonly name: string
  readonly topHash: string
  readonly logicalKey: string
  /** Bytes, as in Entry. */
  readonly size: number | undefined
  readonly modified: Date | undefined
}

/** Hits, the most relevant first. */
export interface SearchResults<T> extends Page<T> {
  /** Exact: hits on all pages. */
  readonly total: number
  /** Packages of more than 100,000 entries: the index knows the first 100,000 keys. Search the others in the package itself. */
  readonly partial: number
  /** Packages that could not be read, and why: they are not found. */
  readonly skipped: Refreshed['skipped']
}

const answer = z.object({
  total: z.number(),
  partial: z.number(),
  rows: z.array(
    z.object({
      name: z.string(),
      topHash: z.string(),
      modified: z.number().nullable(),
      message: z.string().nullable(),
      files: z.number(),
      bytes: z.number(),
      matching: z.number(),
      key: z.string().nullable(),
      size: z.number().nullable()
    })
  )
})

type Row = z.output<typeof answer>['rows'][number]

const performed = z.object({ result: z.unknown(), isNew: z.boolean() })

/**
 * Searches the latest revisions of all packages of a registry, in an index in the cache folder. A search compares the
 * pointers of the registry with the index first and reads the packages whose pointer has changed, and no others. The
 * index is made anew where its file is damaged or gone. Any number of processes may use it.
 */
export class SearchIndex {
  readonly #registry: Registry
  readonly #cache: CacheFolder
  readonly #name: string
  readonly #workers: WorkerPool
  readonly #ownsWorkers: boolean
  readonly #maxAge: number
  #refreshing: Promise<unknown> = Promise.resolve()
  #refreshed: (Refreshed & { readonly at: number }) | undefined

  constructor(
    registry: Registry,
    { cacheFolder = CacheFolder.ofUser(), audience = '', workers, maxAge = 10_000 }: SearchIndexOptions = {}
  ) {
    this.#registry = registry
    this.#cache = typeof cacheFolder === 'string' ? new CacheFolder(cacheFolder) : cacheFolder
    this.#name = `${createHash('sha256').update(`${registry.uri}\0${audience}`).digest('hex')}.search`
    this.#workers = workers ?? new WorkerPool()
    this.#ownsWorkers = workers === undefined
    this.#maxAge = maxAge
  }

  /** Throws QuiltError `invalid-search`, `invalid-limit`, `invalid-cursor`, `aborted`, and what listing packages throws. */
  async packages(search: RegistrySearch): Promise<SearchResults<PackageHit>> {
    return await this.#find(
      'packages',
      search,
      ({ name, topHash, message, modified, files, bytes, matching }) => ({
        name,
        topHash,
        message,
        modified: dateOf(modified),
        files,
        bytes,
        matching
      })
    )
  }

  /** Throws as `packages` does. */
  async entries(search: RegistrySearch): Promise<SearchResults<EntryHit>> {
    return await this.#find('entries', search, ({ name, topHash, key, size, modified }) => ({
      name,
      topHash,
      logicalKey: key ?? '',
      size: size ?? undefined,
      modified: dateOf(modified)
    }))
  }

  /** Brings the index up to date now, however old it is. */
  async refresh(options: Pick<RegistrySearch, 'signal' | 'onProgress'> = {}): Promise<Refreshed> {
    return await this.#refresh(0, options)
  }

  async close(): Promise<void> {
    if (this.#ownsWorkers) await this.#workers.close()
  }

  async #find<T>(
    of: IndexQuery['of'],
    search: RegistrySearch,
    hitOf: (row: Row) => T
  ): Promise<SearchResults<T>> {
    const query = queryOf(of, search)
    const { signal, limit } = search
    for (let maxAge = this.#maxAge; ; maxAge = 0) {
      const { skipped } = await this.#refresh(maxAge, search)
      const { result, isNew } = await this.#perform({ do: 'find', query }, signal)
      // The file is gone or was damaged: it is filled again, once.
      if (isNew && maxAge > 0) continue
      const { total, partial, rows } = answer.parse(result)
      const next = query.offset + rows.length
      return {
        items: rows.map(hitOf),
        next: rows.length === limit && next < total ? encodeCursor(String(next)) : undefined,
        total,
        partial,
        skipped
      }
    }
  }

  async #refresh(maxAge: number, options: Pick<RegistrySearch, 'signal' | 'onProgress'>): Promise<Refreshed> {
    // One at a time: who waited mostly finds it done.
    const before = this.#refreshing
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#refreshing = promise
    const start = performance.now()
    try {
      await before
      throwIfAborted(options.signal)
      const last = this.#refreshed
      const oldest = maxAge === 0 ? start : performance.now() - maxAge
      if (last !== undefined && last.at >= oldest) return last
      const at = performance.now()
      const refreshed = await refreshIndex(
        this.#registry,
        async (work, signal) => (await this.#perform(work, signal)).result,
        options
      )
      await this.#cache.makeRoom(this.#name)
      this.#refreshed = { ...refreshed, at }
      return refreshed
    } finally {
      resolve(undefined)
    }
  }

  async #perform(work: IndexWork, signal: CallOptions['signal']): Promise<z.output<typeof performed>> {
    // makes the folder where it is missing, and marks the file as used
    await this.#cache.size(this.#name)
    const task = { index: this.#cache.path(this.#name), registry: this.#registry.uri, work }
    return performed.parse(await this.#workers.run({ kind: 'search-index', task }, signal))
  }
}

function queryOf(of: IndexQuery['of'], search: RegistrySearch): IndexQuery {
  checkLimit(search.limit)
  return {
    of,
    words: searchWords(search.text),
    extensions: (search.extensions ?? []).map((each) => each.replace(/^\./, '').toLowerCase()),
    minSize: search.minSize,
    maxSize: search.maxSize,
    modifiedAfter: search.modifiedAfter?.getTime(),
    modifiedBefore: search.modifiedBefore?.getTime(),
    package: search.package,
    offset: search.after === undefined ? 0 : offsetOf(search.after),
    limit: search.limit
  }
}

function offsetOf(cursor: string): number {
  const text = decodeCursor(cursor)
  if (/^\d{1,10}$/.test(text)) return Number(text)
  throw new QuiltError('invalid-cursor', `${cursor} is not a cursor of a search`)
}

function dateOf(milliseconds: number | null): Date | undefined {
  return milliseconds === null ? undefined : new Date(milliseconds)
}
