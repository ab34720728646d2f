import { QuiltError } from '../error.ts'
import { checkPackageName, isTopHash, isTopHashPrefix } from '../names.ts'
import { listAll, type ObjectStore } from '../store/object-store.ts'
import type { CallOptions } from '../types.ts'
import { pythonRepr } from '../workflows/python-repr.ts'
import { latest, type Layout } from './layout.ts'
import { readLatest, readPointer } from './pointers.ts'

/**
 * The top hash that a selector means: nothing or `latest` the pointer of that name, a whole top hash itself (whether or
 * not there is such a manifest), another tag what it points to, else the one manifest that begins with these digits.
 * Throws `package-not-found`, `revision-not-found`, `ambiguous-hash`, `invalid-top-hash`, `invalid-pointer`.
 * As in quilt3, a prefix is searched among all manifests of a registry of version 1.
 */
export async function resolve(
  store: ObjectStore,
  layout: Layout,
  name: string,
  selector: string = latest,
  options: CallOptions = {}
): Promise<string> {
  checkPackageName(name)
  if (selector === latest) return (await readLatest(store, layout, name, options)).topHash
  if (isTopHash(selector)) return selector
  const tag = isTag(selector) ? await readPointer(store, layout, name, selector, options) : undefined
  return tag?.topHash ?? (await resolveHash(store, layout, name, selector, options))
}

/** The top hash that begins with these 6 to 64 digits, as quilt3's resolve_top_hash. */
export async function resolveHash(
  store: ObjectStore,
  layout: Layout,
  name: string,
  hash: string,
  options: CallOptions = {}
): Promise<string> {
  if (isTopHash(hash)) return hash
  if (!isTopHashPrefix(hash)) throw new QuiltError('invalid-top-hash', `Invalid hash: ${pythonRepr(hash)}`)
  const matches = await matching(store, layout, name, hash, options)
  if (matches.length > 1)
    throw new QuiltError('ambiguous-hash', `Found multiple matches: ${pythonRepr(hash)}`)
  const [match] = matches
  if (match !== undefined) return match
  throw new QuiltError('revision-not-found', `Found zero matches for ${pythonRepr(hash)}`)
}

/** Up to two manifests whose top hash begins with the digits. */
async function matching(
  store: ObjectStore,
  layout: Layout,
  name: string,
  digits: string,
  options: CallOptions
): Promise<readonly string[]> {
  const matches: string[] = []
  if (!/^[0-9a-f]*$/.test(digits)) return matches
  const folder = layout.manifestsPrefix(name)
  for await (const { key } of listAll(store, { prefix: folder + digits, ...options })) {
    const found = layout.topHashOf(key.slice(folder.length))
    if (found !== undefined) matches.push(found)
    if (matches.length === 2) break
  }
  return matches
}

function isTag(selector: string): boolean {
  return selector !== '' && selector !== '.' && selector !== '..' && !/[/\0]/.test(selector)
}
