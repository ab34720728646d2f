import { compareCodePoints } from '../json/index.ts'
import { listAll, type ObjectStore, type SmallObject } from '../store/object-store.ts'
import { checkLimit, decodeCursor, encodeCursor } from '../page.ts'
import type { Page, PageOptions, Revision } from '../types.ts'
import { latest, type Layout } from './layout.ts'
import { maxPointerBytes, parsePointer } from './pointers.ts'

/**
 * The revisions of a package: `latest` first, then other tags by name, then revisions by the second of their push,
 * newest first. A registry of version 2 names no seconds: there a revision is named by the second its manifest was
 * written. Empty for an unknown package. Throws `invalid-pointer` for a pointer that holds no top hash.
 */
export async function listRevisions(
  store: ObjectStore,
  layout: Layout,
  name: string,
  options: PageOptions
): Promise<Page<Revision>> {
  checkLimit(options.limit)
  const { limit, signal } = options
  const after = options.after === undefined ? undefined : placeOf(decodeCursor(options.after))
  const manifests = layout.version === 2 ? await manifestsOf(store, layout, name) : []
  const choose = (names: readonly string[]): Chosen => {
    const found = [...names.map(placeOf), ...manifests].sort(comparePlaces)
    const rest = after === undefined ? found : found.filter((place) => comparePlaces(place, after) > 0)
    const page = rest.slice(0, limit)
    const pointers = page.filter(({ manifest }) => manifest === undefined)
    return { page, isLast: page.length === rest.length, names: pointers.map(({ cursor }) => cursor) }
  }
  const prefix = layout.pointersPrefix(name)
  const call = signal === undefined ? {} : { signal }
  const { chosen, objects } = await store.getSome(prefix, choose, { end: maxPointerBytes, ...call })
  const contents = new Map(chosen.names.map((pointer, index) => [pointer, objects[index]]))
  const last = chosen.isLast ? undefined : chosen.page.at(-1)
  return {
    items: chosen.page.flatMap((place) => revisionAt(place, prefix, contents.get(place.cursor)) ?? []),
    next: last === undefined ? undefined : encodeCursor(last.cursor)
  }
}

/** A page of what was found, and the pointers on it. */
interface Chosen {
  readonly page: readonly Place[]
  readonly isLast: boolean
  readonly names: readonly string[]
}

/** Where a pointer, or in version 2 a manifest, stands among the others: by rank, second, cursor. */
interface Place {
  /** The name of the pointer; of a manifest the second it was written and its top hash. */
  readonly cursor: string
  readonly rank: 0 | 1 | 2
  readonly second: number
  readonly manifest?: { readonly topHash: string; readonly modified: Date }
}

/** `latest`, tags in code point order, seconds from the newest; within a second by hash. */
function comparePlaces(a: Place, b: Place): number {
  return a.rank - b.rank || b.second - a.second || compareCodePoints(a.cursor, b.cursor)
}

function placeOf(cursor: string): Place {
  if (cursor === latest) return { cursor, rank: 0, second: 0 }
  const [, second] = /^(\d{1,12})(?:@|$)/.exec(cursor) ?? []
  return second === undefined ? { cursor, rank: 1, second: 0 } : { cursor, rank: 2, second: Number(second) }
}

async function manifestsOf(store: ObjectStore, layout: Layout, name: string): Promise<readonly Place[]> {
  const prefix = layout.manifestsPrefix(name)
  const found: Place[] = []
  for await (const { key, modified } of listAll(store, { prefix })) {
    const topHash = layout.topHashOf(key.slice(prefix.length))
    if (topHash === undefined) continue
    const second = Math.floor(modified.getTime() / 1000)
    found.push({ cursor: `${second}@${topHash}`, rank: 2, second, manifest: { topHash, modified } })
  }
  return found
}

/** Undefined where the pointer is gone: it was deleted meanwhile. */
function revisionAt(
  { cursor, second, manifest }: Place,
  prefix: string,
  pointer: SmallObject | undefined
): Revision | undefined {
  if (manifest !== undefined) return { pointer: String(second), ...manifest }
  if (pointer === undefined) return undefined
  const topHash = parsePointer(Buffer.from(pointer.bytes).toString('latin1').trim(), prefix + cursor)
  const modified = cursor === String(second) ? new Date(second * 1000) : pointer.modified
  return { pointer: cursor, topHash, modified }
}
