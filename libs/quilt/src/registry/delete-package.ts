import { isQuiltError, QuiltError } from '../error.ts'
import { compareCodePoints } from '../json/index.ts'
import { checkPackageName } from '../names.ts'
import { listAll, type ObjectStore } from '../store/object-store.ts'
import type { CallOptions } from '../types.ts'
import { latest, type Layout } from './layout.ts'
import { parsePointer, pointerKey, readPointer, writeLatest } from './pointers.ts'
import { resolveHash } from './resolve.ts'

/**
 * Removes a package: its pointers, and in version 2 its manifests. In version 1 manifests stay, since other packages may
 * share them; data stays always. Throws `package-not-found` in a folder; a bucket says nothing of it, as in quilt3.
 */
export async function deletePackage(
  store: ObjectStore,
  layout: Layout,
  name: string,
  options: CallOptions
): Promise<void> {
  checkPackageName(name)
  const manifests = layout.version === 2 ? await keysBelow(store, layout.manifestsPrefix(name), options) : []
  const pointers = await keysBelow(store, layout.pointersPrefix(name), options)
  if (pointers.length + manifests.length === 0 && store.uri.startsWith('file:'))
    throw new QuiltError('package-not-found', `there is no package ${name} in ${store.uri}`)
  // `latest` goes first: what is left if this is interrupted is no longer a package that opens.
  const isLatest = (key: string): number => Number(key === layout.pointersPrefix(name) + latest)
  for (const key of [...pointers, ...manifests].sort((a, b) => isLatest(b) - isLatest(a)))
    await store.delete(key, options)
}

/**
 * Removes a revision, given by its top hash or the start of it: every pointer that names it, and in version 2 its
 * manifest. If it was the latest, the latest is then what the pointer with the greatest name says (version 2: the newest
 * manifest), and none is left where there is no other. Throws `revision-not-found`.
 * Source: quilt3 8.0.0, backends/base.py `delete_package_version`.
 */
export async function deleteRevision(
  store: ObjectStore,
  layout: Layout,
  name: string,
  hash: string,
  options: CallOptions
): Promise<void> {
  checkPackageName(name)
  const topHash = await resolveHash(store, layout, name, hash, options)
  const pointers = await pointersOf(store, layout, name, options)
  const gone = pointers.filter((pointer) => pointer.topHash === topHash)
  const manifest = layout.version === 2 ? layout.manifestKey(name, topHash) : undefined
  const hasManifest = manifest !== undefined && (await store.head(manifest, options)) !== undefined
  if (gone.length === 0 && !hasManifest)
    throw new QuiltError('revision-not-found', 'No such package version exists in the given directory.')
  if (gone.some((pointer) => pointer.name === latest)) {
    const next =
      layout.version === 1
        ? nextByPointer(pointers, topHash)
        : await nextByTime(store, layout, name, topHash, options)
    // First the new latest, then the deletions: there is no moment without one.
    const before = await readPointer(store, layout, name, latest, options)
    if (next !== undefined) await writeLatest(store, layout, name, next, before, options)
    else await store.delete(pointerKey(layout, name, latest), options)
  }
  for (const pointer of gone)
    if (pointer.name !== latest) await store.delete(layout.pointersPrefix(name) + pointer.name, options)
  if (manifest !== undefined) await store.delete(manifest, options)
}

interface NamedPointer {
  readonly name: string
  /** Undefined where it holds something else. */
  readonly topHash: string | undefined
}

async function pointersOf(
  store: ObjectStore,
  layout: Layout,
  name: string,
  options: CallOptions
): Promise<readonly NamedPointer[]> {
  const prefix = layout.pointersPrefix(name)
  const keys = await keysBelow(store, prefix, options)
  return await Promise.all(
    keys.map(async (key) => {
      const content = Buffer.from(await store.get(key, { ...options, end: 256 }))
        .toString('latin1')
        .trim()
      return { name: key.slice(prefix.length), topHash: topHashIn(content, key) }
    })
  )
}

function topHashIn(content: string, key: string): string | undefined {
  try {
    return parsePointer(content, key)
  } catch (error) {
    if (isQuiltError(error, 'invalid-pointer')) return undefined
    throw error
  }
}

function nextByPointer(pointers: readonly NamedPointer[], topHash: string): string | undefined {
  const remaining = pointers.filter((pointer) => pointer.topHash !== undefined && pointer.topHash !== topHash)
  return remaining.sort((a, b) => compareCodePoints(b.name, a.name))[0]?.topHash
}

async function nextByTime(
  store: ObjectStore,
  layout: Layout,
  name: string,
  topHash: string,
  options: CallOptions
): Promise<string | undefined> {
  const prefix = layout.manifestsPrefix(name)
  const found: { readonly time: number; readonly hash: string }[] = []
  for await (const { key, modified } of listAll(store, { prefix, ...options })) {
    const hash = layout.topHashOf(key.slice(prefix.length))
    if (hash !== undefined && hash !== topHash) found.push({ time: modified.getTime(), hash })
  }
  return found.sort((a, b) => b.time - a.time || compareCodePoints(b.hash, a.hash))[0]?.hash
}

async function keysBelow(
  store: ObjectStore,
  prefix: string,
  options: CallOptions
): Promise<readonly string[]> {
  return await Array.fromAsync(listAll(store, { prefix, ...options }), ({ key }) => key)
}
