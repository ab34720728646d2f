import { QuiltError, quoted } from '../error.ts'
import { checkPackageName } from '../names.ts'
import type { ObjectStore } from '../store/object-store.ts'
import type { CallOptions } from '../types.ts'
import { latest, type Layout } from './layout.ts'
import { pointerKey, readLatest, readPointer, writeLatest } from './pointers.ts'
import { resolve, resolveHash } from './resolve.ts'

/**
 * Makes a revision, given by its top hash or the start of it, the latest again. Writes nothing but `latest`. Throws
 * `revision-not-found`, `package-not-found` where the package has no latest revision, `conflict`.
 */
export async function rollback(
  store: ObjectStore,
  layout: Layout,
  name: string,
  hash: string,
  options: CallOptions
): Promise<void> {
  checkPackageName(name)
  const topHash = await resolveHash(store, layout, name, hash, options)
  await checkManifest(store, layout, name, topHash, options)
  const before = await readLatest(store, layout, name, options)
  await writeLatest(store, layout, name, topHash, before, options)
}

/** Gives a revision a name; one of the same name is moved. Throws `invalid-tag`, and what `resolve` throws. */
export async function setTag(
  store: ObjectStore,
  layout: Layout,
  name: string,
  tag: string,
  selector: string,
  options: CallOptions
): Promise<void> {
  const topHash = await resolve(store, layout, name, selector, options)
  await checkManifest(store, layout, name, topHash, options)
  await store.put(tagKey(layout, name, tag), Buffer.from(topHash), options)
}

/** Removes a name. Throws `invalid-tag`, and `revision-not-found` where there is none. */
export async function deleteTag(
  store: ObjectStore,
  layout: Layout,
  name: string,
  tag: string,
  options: CallOptions
): Promise<void> {
  checkPackageName(name)
  const key = tagKey(layout, name, tag)
  if ((await readPointer(store, layout, name, tag, options)) === undefined)
    throw new QuiltError('revision-not-found', `package ${name} has no tag ${quoted(tag)}`)
  await store.delete(key, options)
}

/** Key of a tag that is not one of the pointers that pushes write. */
function tagKey(layout: Layout, name: string, tag: string): string {
  if (tag === latest || /^\d+$/.test(tag))
    throw new QuiltError('invalid-tag', `${quoted(tag)} is a name that pushes use`, {
      remedy: 'Use another name; to change the latest revision, push or roll back.'
    })
  return pointerKey(layout, name, tag)
}

async function checkManifest(
  store: ObjectStore,
  layout: Layout,
  name: string,
  topHash: string,
  options: CallOptions
): Promise<void> {
  if ((await store.head(layout.manifestKey(name, topHash), options)) !== undefined) return
  throw new QuiltError('revision-not-found', `there is no revision ${topHash} in ${store.uri}`)
}
