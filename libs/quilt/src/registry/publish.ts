import { isQuiltError, throwIfAborted } from '../error.ts'
import type { JsonObject, JsonValue } from '../json/value.ts'
import { writeManifest } from '../manifest/write.ts'
import { Pace } from '../pace.ts'
import type { ObjectStore } from '../store/object-store.ts'
import { TopHasher } from '../top-hash.ts'
import type { CallOptions, Entry } from '../types.ts'
import { latest, type Layout } from './layout.ts'
import { ManifestSpool } from './manifest-spool.ts'
import type { Pushed } from './package-writer.ts'
import { maxPointerBytes, pointerKey, readPointer, writeLatest, type Pointer } from './pointers.ts'

export interface Publication {
  readonly name: string
  readonly header: JsonObject
  readonly folderMetadata: readonly (readonly [string, JsonValue])[]
  /** Complete, in walk order. Their bytes are where they say when they have been yielded. */
  readonly entries: AsyncIterable<Entry>
  readonly now: Date
  /** Throws if the latest revision is not one that this one may follow. */
  readonly checkParent: (latest: Pointer | undefined) => void
  readonly dedupe: boolean
}

/**
 * Writes a revision: the manifest, then its pointer, then `latest`, so that a crash in between leaves the old revision
 * the latest. The manifest streams through: it is in memory only as far as it is small. `latest` is replaced only if
 * it is still what was checked: of two writers one wins, the other gets `conflict` and leaves no pointer.
 */
export async function publish(
  store: ObjectStore,
  layout: Layout,
  publication: Publication,
  options: CallOptions
): Promise<Pushed> {
  const { name, header, now } = publication
  await using spool = new ManifestSpool()
  const hasher = new TopHasher(header)
  const entries = hashed(publication.entries, hasher)
  for await (const block of writeManifest({ header, folderMetadata: publication.folderMetadata, entries }))
    await spool.write(block)
  const topHash = hasher.digest()
  throwIfAborted(options.signal)
  const before = await readPointer(store, layout, name, latest, options)
  if (publication.dedupe && before?.topHash === topHash)
    return { topHash, pointer: undefined, written: false }
  publication.checkParent(before)
  await store.put(layout.manifestKey(name, topHash), await spool.body(), options)
  const pointer = layout.version === 1 ? String(Math.floor(now.getTime() / 1000)) : undefined
  const takeBack =
    pointer === undefined
      ? undefined
      : await nameRevision(store, pointerKey(layout, name, pointer), topHash, options)
  try {
    await writeLatest(store, layout, name, topHash, before, options)
  } catch (error) {
    if (isQuiltError(error, 'conflict')) await takeBack?.()
    throw error
  }
  return { topHash, pointer, written: true }
}

/**
 * Writes the pointer of a revision. As in quilt3, of two revisions in one second the later has it.
 *
 * @returns what puts back what was there, for a writer that loses: its revision was never one of the package
 */
async function nameRevision(
  store: ObjectStore,
  key: string,
  topHash: string,
  options: CallOptions
): Promise<() => Promise<void>> {
  const content = Buffer.from(topHash)
  let before: Uint8Array | undefined
  try {
    await store.put(key, content, { ...options, ifMatch: null })
  } catch (error) {
    if (!isQuiltError(error, 'object-changed')) throw error
    before = await store.get(key, { ...options, end: maxPointerBytes })
    await store.put(key, content, options)
  }
  return async () => {
    const now = await store.get(key, { end: maxPointerBytes })
    // the winner may have written in the same second, and later
    if (!content.equals(now)) return
    if (before === undefined) await store.delete(key)
    else await store.put(key, before)
  }
}

async function* hashed(entries: AsyncIterable<Entry>, hasher: TopHasher): AsyncGenerator<Entry> {
  const pace = new Pace()
  for await (const entry of entries) {
    hasher.add(entry)
    yield entry
    if (pace.isDue) await pace.rest()
  }
}
