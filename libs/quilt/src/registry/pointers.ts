import { isQuiltError, QuiltError, quoted } from '../error.ts'
import { isTopHash } from '../names.ts'
import type { ObjectStore } from '../store/object-store.ts'
import type { CallOptions } from '../types.ts'
import { latest, type Layout } from './layout.ts'

/** A pointer holds 64 digits; of what is much longer only this many bytes are read. */
export const maxPointerBytes = 256

export interface Pointer {
  readonly topHash: string
  /** Changes when the pointer is written anew: what a writer compares. */
  readonly etag: string
}

/** Key of a pointer. Throws `invalid-tag` for a name that could lead elsewhere. */
export function pointerKey(layout: Layout, name: string, pointer: string): string {
  if (pointer === '' || pointer === '.' || pointer === '..' || /[/\0]/.test(pointer))
    throw new QuiltError('invalid-tag', `${quoted(pointer)} cannot be a tag`)
  return layout.pointersPrefix(name) + pointer
}

/**
 * What a pointer of a package names, or undefined where there is no such pointer. Throws `invalid-pointer` where it
 * holds anything but 64 hexadecimal digits; as in quilt3, a line break behind them makes it invalid.
 */
export async function readPointer(
  store: ObjectStore,
  layout: Layout,
  name: string,
  pointer: string,
  options: CallOptions = {}
): Promise<Pointer | undefined> {
  const key = pointerKey(layout, name, pointer)
  // The head comes first: if the pointer changes in between, a writer that compares its etag fails, as it should.
  const head = await store.head(key, options)
  if (head === undefined) return undefined
  try {
    const bytes = await store.get(key, { ...options, end: maxPointerBytes })
    return { topHash: parsePointer(Buffer.from(bytes).toString('latin1'), key), etag: head.etag }
  } catch (error) {
    if (isQuiltError(error, 'object-not-found')) return undefined
    throw error
  }
}

/** The top hash a pointer holds. */
export function parsePointer(content: string, key: string): string {
  if (isTopHash(content)) return content
  throw new QuiltError('invalid-pointer', `pointer ${key} holds ${quoted(content)} in place of a top hash`, {
    where: key
  })
}

/** The pointer `latest` of a package. Throws `package-not-found` where there is none. */
export async function readLatest(
  store: ObjectStore,
  layout: Layout,
  name: string,
  options: CallOptions = {}
): Promise<Pointer> {
  const found = await readPointer(store, layout, name, latest, options)
  if (found !== undefined) return found
  throw new QuiltError('package-not-found', `there is no package ${name} in ${store.uri}`)
}

/** Moves `latest` from what was read (undefined: there was none) to a revision. Throws `conflict` if it was moved meanwhile. */
export async function writeLatest(
  store: ObjectStore,
  layout: Layout,
  name: string,
  topHash: string,
  before: Pointer | undefined,
  options: CallOptions
): Promise<void> {
  try {
    const ifMatch = before?.etag ?? null
    await store.put(pointerKey(layout, name, latest), Buffer.from(topHash), { ...options, ifMatch })
  } catch (error) {
    if (!isQuiltError(error, 'object-changed')) throw error
    throw new QuiltError(
      'conflict',
      `another writer changed the latest revision of ${name} in ${store.uri}`,
      {
        cause: error
      }
    )
  }
}
