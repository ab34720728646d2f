import { z } from 'zod'

import { isQuiltError, throwIfAborted, type QuiltError } from '../error.ts'
import { metadataText } from '../scan/search-metadata.ts'
import { orderedMap } from '../store/ordered-map.ts'
import type { CallOptions, Manifest, PackageSummary, Registry } from '../types.ts'
import type { IndexedRevision, IndexWork, Sizes } from './index-task.ts'

/** How an index was brought up to date. */
export interface Refreshed {
  /** Packages in the registry. */
  readonly packages: number
  /** Packages that were read, since their pointer has changed. */
  readonly read: number
  readonly removed: number
  readonly skipped: readonly { readonly name: string; readonly error: QuiltError }[]
}

/** Does work on the index in a thread and answers with its result. */
export type PerformWork = (work: IndexWork, signal: AbortSignal | undefined) => Promise<unknown>

export interface RefreshOptions extends CallOptions {
  readonly onProgress?: (done: number, total: number) => void
}

/** Keys of a package that go into the index: what is behind them is found in the package itself. */
const maxKeys = 100_000

/** Packages that are listed, or cross from a thread, at once: about a millisecond. */
const packagesAtOnce = 1000

/** Keys that cross to a thread at once: less than a millisecond. */
const keysAtOnce = 1500

/** Characters of user metadata that go into the index. */
const maxMeta = 100_000

/** Packages that are read at once. */
const concurrency = 4

const marks = z.array(z.tuple([z.string(), z.string()]))

/** Compares the pointers of a registry with an index, reads the packages whose pointer has changed and forgets those that are gone. */
export async function refreshIndex(
  registry: Registry,
  perform: PerformWork,
  { signal, onProgress }: RefreshOptions
): Promise<Refreshed> {
  const indexed = await packagesIn(perform, signal)
  const found = await packagesOf(registry, signal)
  const gone = [...indexed.keys()].filter((name) => !found.has(name))
  if (gone.length > 0) await perform({ do: 'remove', names: gone }, signal)
  const changed = [...found.values()].filter(
    ({ name, latest }) => latest === undefined || indexed.get(name) !== latest.etag
  )
  const skipped: { name: string; error: QuiltError }[] = []
  let done = 0
  let read = 0
  const one = async (summary: PackageSummary, abort: AbortSignal): Promise<boolean> => {
    try {
      return await readPackage(registry, perform, summary, indexed.get(summary.name), abort)
    } catch (error) {
      if (!isQuiltError(error) || isQuiltError(error, 'aborted')) throw error
      // gone meanwhile, or never there: a package may have tags only
      if (!isQuiltError(error, 'package-not-found')) skipped.push({ name: summary.name, error })
      await perform({ do: 'remove', names: [summary.name] }, abort)
      return false
    }
  }
  onProgress?.(0, changed.length)
  for await (const isRead of orderedMap(changed, concurrency, one, signal)) {
    if (isRead) read++
    onProgress?.(++done, changed.length)
  }
  return { packages: found.size, read, removed: gone.length, skipped }
}

/** The packages of the index with their marks. */
async function packagesIn(
  perform: PerformWork,
  signal: AbortSignal | undefined
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (let after: string | undefined = ''; after !== undefined;) {
    const page = marks.parse(await perform({ do: 'list', after, limit: packagesAtOnce }, signal))
    for (const [name, mark] of page) found.set(name, mark)
    after = page.length < packagesAtOnce ? undefined : page.at(-1)?.[0]
  }
  return found
}

async function packagesOf(
  registry: Registry,
  signal: AbortSignal | undefined
): Promise<ReadonlyMap<string, PackageSummary>> {
  const found = new Map<string, PackageSummary>()
  let after: string | undefined
  do {
    const page = await registry.packages({
      limit: packagesAtOnce,
      latest: true,
      ...(after === undefined ? {} : { after }),
      ...(signal === undefined ? {} : { signal })
    })
    for (const summary of page.items) found.set(summary.name, summary)
    after = page.next
  } while (after !== undefined)
  return found
}

/** Returns whether it had to be read: without a mark that is told by its top hash. */
async function readPackage(
  registry: Registry,
  perform: PerformWork,
  { name, latest }: PackageSummary,
  indexed: string | undefined,
  signal: AbortSignal
): Promise<boolean> {
  const topHash = await registry.resolve(name, undefined, { signal })
  const mark = latest?.etag ?? topHash
  if (mark === indexed) return false
  const manifest = await registry.open(topHash, { signal })
  try {
    const { message, userMeta } = manifest.header
    const about = {
      name,
      mark,
      topHash,
      message: message?.toWellFormed() ?? null,
      meta: userMeta === undefined ? '' : metadataText(userMeta).slice(0, maxMeta).toWellFormed(),
      modified: latest?.modified.getTime() ?? null,
      files: manifest.files,
      bytes: manifest.bytes
    }
    await indexPackage(manifest, about, perform, signal)
    return true
  } finally {
    await manifest.close()
  }
}

/** Puts a package into the index: a small one at once, since each message to a thread takes longer than what it asks for. */
async function indexPackage(
  manifest: Manifest,
  about: IndexedRevision,
  perform: PerformWork,
  signal: AbortSignal
): Promise<void> {
  const batches = keyBatches(manifest, signal)
  if (manifest.files <= keysAtOnce) {
    const [batch = { keys: [], sizes: new Float64Array() }] = await Array.fromAsync(batches)
    await perform({ do: 'put', revision: about, ...batch }, signal)
    return
  }
  const revision = z.number().parse(await perform({ do: 'begin', revision: about }, signal))
  for await (const batch of batches) await perform({ do: 'add', revision, ...batch }, signal)
  await perform({ do: 'complete', revision }, signal)
}

interface KeyBatch {
  readonly keys: readonly string[]
  readonly sizes: Sizes
}

/** The keys of a package that go into the index, so many at once. */
async function* keyBatches(manifest: Manifest, signal: AbortSignal): AsyncGenerator<KeyBatch> {
  let keys: string[] = []
  let sizes: number[] = []
  let room = maxKeys
  for await (const batch of manifest.keys({ signal })) {
    throwIfAborted(signal)
    for (const { logicalKey, size } of batch) {
      // half a surrogate pair is no text that the index could hold
      if (room === 0 || !logicalKey.isWellFormed()) continue
      room--
      keys.push(logicalKey)
      sizes.push(size ?? NaN)
    }
    if (keys.length >= keysAtOnce) {
      yield { keys, sizes: Float64Array.from(sizes) }
      keys = []
      sizes = []
    }
    if (room === 0) break
  }
  if (keys.length > 0) yield { keys, sizes: Float64Array.from(sizes) }
}
