import { compareCodePoints } from '../json/index.ts'
import { listAll, type ObjectStore } from '../store/object-store.ts'
import { checkLimit, decodeCursor, encodeCursor } from '../page.ts'
import type { Page, PageOptions, Revision } from '../types.ts'
import { latest, type Layout } from './layout.ts'
import { parsePointer } from './pointers.ts'

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
  const found = [
    ...(await pointersOf(store, layout.pointersPrefix(name))),
    ...(layout.version === 2 ? await manifestsOf(store, layout, name) : [])
  ].sort((a, b) => compareCursors(a.cursor, b.cursor))
  const after = options.after === undefined ? undefined : decodeCursor(options.after)
  const rest = after === undefined ? found : found.filter(({ cursor }) => compareCursors(cursor, after) > 0)
  const page = rest.slice(0, options.limit)
  const keys = page.flatMap(({ key }) => (key === undefined ? [] : [key]))
  const call = options.signal === undefined ? {} : { signal: options.signal }
  const contents = new Map(zip(keys, await store.getMany(keys, { end: 256, ...call })))
  const items = page.flatMap(({ pointer, topHash, key, modified }) => {
    const found = key === undefined ? topHash : topHashIn(contents.get(key), key)
    // A pointer that is gone was deleted meanwhile.
    return found === undefined ? [] : [{ pointer, topHash: found, modified }]
  })
  const last = rest.length > page.length ? page.at(-1) : undefined
  return { items, next: last === undefined ? undefined : encodeCursor(last.cursor) }
}

function topHashIn(content: Uint8Array | undefined, key: string): string | undefined {
  return content === undefined ? undefined : parsePointer(Buffer.from(content).toString('latin1').trim(), key)
}

function zip<A, B>(a: readonly A[], b: readonly B[]): readonly (readonly [A, B | undefined])[] {
  return a.map((each, index) => [each, b[index]] as const)
}

interface Found {
  readonly cursor: string
  readonly pointer: string
  readonly modified: Date
  /** Of the pointer that is to be read. */
  readonly key?: string
  /** Known where there is no pointer. */
  readonly topHash?: string
}

async function pointersOf(store: ObjectStore, prefix: string): Promise<readonly Found[]> {
  const found: Found[] = []
  for await (const { key, modified } of listAll(store, { prefix })) {
    const pointer = key.slice(prefix.length)
    if (pointer === '' || pointer.includes('/')) continue
    const time = isSecond(pointer) ? new Date(Number(pointer) * 1000) : modified
    found.push({ cursor: pointer, pointer, modified: time, key })
  }
  return found
}

async function manifestsOf(store: ObjectStore, layout: Layout, name: string): Promise<readonly Found[]> {
  const prefix = layout.manifestsPrefix(name)
  const found: Found[] = []
  for await (const { key, modified } of listAll(store, { prefix })) {
    const topHash = layout.topHashOf(key.slice(prefix.length))
    if (topHash === undefined) continue
    const pointer = String(Math.floor(modified.getTime() / 1000))
    found.push({ cursor: `${pointer}@${topHash}`, pointer, topHash, modified })
  }
  return found
}

function isSecond(pointer: string): boolean {
  return /^\d{1,12}$/.test(pointer)
}

/** `latest`, tags in code point order, seconds from the newest; within a second by hash. */
function compareCursors(a: string, b: string): number {
  return rank(a) - rank(b) || secondOf(b) - secondOf(a) || compareCodePoints(a, b)
}

function rank(cursor: string): number {
  if (cursor === latest) return 0
  return isSecond(cursor.split('@')[0] ?? '') ? 2 : 1
}

function secondOf(cursor: string): number {
  return rank(cursor) === 2 ? Number(cursor.split('@')[0]) : 0
}
