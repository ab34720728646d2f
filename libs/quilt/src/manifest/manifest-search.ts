import { open, type FileHandle } from 'node:fs/promises'
import { isUint8Array } from 'node:util/types'
import type { CacheFolder } from '../cache/cache-folder.ts'
import { QuiltError } from '../error.ts'
import { isMissing } from '../store/file-errors.ts'
import type { IndexFacts } from '../scan/index-data.ts'
import type { Found } from '../scan/key-list.ts'
import type { SearchOptions } from '../types.ts'
import type { WorkerPool } from '../worker/pool.ts'

export interface ManifestSearchParts {
  readonly handle: FileHandle
  readonly facts: IndexFacts
  readonly cache: CacheFolder
  /** Name of the key list in the cache. */
  readonly name: string
  readonly workers: WorkerPool
}

/** Searches one manifest, in worker threads. The first search of keys leaves a list of them in the cache. */
export class ManifestSearch {
  private readonly parts: ManifestSearchParts
  private keys: FileHandle | undefined

  constructor(parts: ManifestSearchParts) {
    this.parts = parts
  }

  /** @param text folded @param after the page starts behind this entry, -1 for the first page */
  async find(
    kind: SearchOptions['in'],
    text: string,
    after: number,
    limit: number,
    signal: AbortSignal | undefined
  ): Promise<Found> {
    if (kind === 'keys') return await this.findKeys({ text, after, limit }, signal)
    const { handle, facts, workers } = this.parts
    if (facts.entriesWithMeta === 0) return { total: 0, ordinals: [] }
    const task = {
      kind: 'search-metadata',
      file: handle.fd,
      firstEntry: facts.firstEntry,
      text,
      after,
      limit
    } as const
    return checkedFound(await workers.run(task, signal))
  }

  async close(): Promise<void> {
    await this.keys?.close()
    this.keys = undefined
  }

  private async findKeys(
    search: { readonly text: string; readonly after: number; readonly limit: number },
    signal: AbortSignal | undefined
  ): Promise<Found> {
    const { workers, facts, cache, name } = this.parts
    for (let attempt = 0; attempt < 2; attempt++) {
      this.keys ??= (await this.openList()) ?? (await this.makeList(signal))
      const task = { kind: 'search-keys', keys: this.keys.fd, entries: facts.entries, ...search } as const
      const found = await workers.run(task, signal)
      if (found !== undefined) return checkedFound(found)
      // damaged: made anew
      await this.close()
      await cache.remove(name)
    }
    throw new QuiltError(
      'storage-failed',
      `the key list ${cache.path(name)} is damaged as soon as it is written`
    )
  }

  private async openList(): Promise<FileHandle | undefined> {
    const { cache, name } = this.parts
    try {
      const handle = await open(cache.path(name), 'r')
      await cache.touch(name)
      return handle
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  private async makeList(signal: AbortSignal | undefined): Promise<FileHandle> {
    const { cache, name, workers, handle, facts } = this.parts
    let list: FileHandle | undefined
    await cache.fill(name, async (path) => {
      const out = await open(path, 'wx+', 0o600)
      try {
        await workers.run(
          { kind: 'list-keys', file: handle.fd, firstEntry: facts.firstEntry, out: out.fd },
          signal
        )
        // stays open: the list can be read whatever others do to the folder
        list = out
      } finally {
        if (list === undefined) await out.close()
      }
    })
    if (list === undefined) throw new QuiltError('internal', 'no key list was made')
    return list
  }
}

// Not zod: loading it takes as long as opening a manifest that has its index.
function checkedFound(result: unknown): Found {
  if (typeof result === 'object' && result !== null && 'total' in result && 'ordinals' in result) {
    const { total, ordinals } = result
    if (
      typeof total === 'number' &&
      Array.isArray(ordinals) &&
      ordinals.every((each) => typeof each === 'number')
    )
      return { total, ordinals }
  }
  throw new QuiltError('internal', 'a worker sent something else than what it found')
}

/** The bytes that a worker sent, or undefined. Throws QuiltError `internal` for anything else. */
export function bytesOrUndefined(result: unknown): Uint8Array | undefined {
  if (result === undefined || isUint8Array(result)) return result
  throw new QuiltError('internal', 'a worker sent something else than bytes')
}
