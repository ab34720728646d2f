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

/** Among so many newest pointers that of a writer is looked for that wrote at the same time. */
const recentPointers = 20

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
  const key = pointer === undefined ? undefined : pointerKey(layout, name, pointer)
  const isNamed = key === undefined || (await takeFree(store, key, topHash, options))
  try {
    await writeLatest(store, layout, name, topHash, before, options)
  } catch (error) {
    if (isQuiltError(error, 'conflict') && isNamed && pointer !== undefined)
      await takeBack(store, layout, name, pointer, topHash)
    throw error
  }
  // As in quilt3, of two revisions in one second the later has the pointer; but a writer that loses takes it from nobody.
  if (!isNamed) await store.put(key, Buffer.from(topHash), options)
  return { topHash, pointer, written: true }
}

/** Writes a pointer where there is none. Returns whether it did. */
async function takeFree(
  store: ObjectStore,
  key: string,
  topHash: string,
  options: CallOptions
): Promise<boolean> {
  try {
    await store.put(key, Buffer.from(topHash), { ...options, ifMatch: null })
    return true
  } catch (error) {
    if (isQuiltError(error, 'object-changed')) return false
    throw error
  }
}

/**
 * Takes the pointer of a writer that lost away, or gives it to the winner where that has no other: it pushed in the same
 * second then, and found the pointer taken.
 */
async function takeBack(
  store: ObjectStore,
  layout: Layout,
  name: string,
  pointer: string,
  topHash: string
): Promise<void> {
  const own = await readPointer(store, layout, name, pointer)
  if (own?.topHash !== topHash) return
  const winner = await readPointer(store, layout, name, latest)
  const choose = (names: readonly string[]): { readonly names: readonly string[] } => ({
    names: names
      .filter((each) => /^\d+$/.test(each) && each !== pointer)
      .toSorted((a, b) => Number(b) - Number(a))
      .slice(0, recentPointers)
  })
  const prefix = layout.pointersPrefix(name)
  const { objects } = await store.getSome(prefix, choose, { end: maxPointerBytes })
  const content = Buffer.from(winner?.topHash ?? '')
  const key = pointerKey(layout, name, pointer)
  if (winner === undefined || objects.some((object) => object !== undefined && content.equals(object.bytes)))
    return await store.delete(key)
  try {
    await store.put(key, content, { ifMatch: own.etag })
  } catch (error) {
    // the winner was faster
    if (!isQuiltError(error, 'object-changed')) throw error
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
