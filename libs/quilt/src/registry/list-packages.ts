import { compareCodePoints } from '../json/index.ts'
import { listAll, type ListedObject, type ObjectStore } from '../store/object-store.ts'
import { decodeCursor } from '../page.ts'
import type { LatestPointer, PackagesOptions, PackageSummary, Page } from '../types.ts'
import { latest, manifestFolders, namedPackages, packageOf, tagFolders, type Layout } from './layout.ts'
import { pageOf } from './paging.ts'

/** A package and the cursor behind it. */
interface Found {
  readonly summary: PackageSummary
  readonly cursor: string
}

/**
 * The packages of a registry whose name begins with `prefix`, in the order of their folders: by name and the slash that
 * follows it. As in quilt3, what has a folder of pointers is listed, whether or not it has a latest revision; in a bucket,
 * names may be of any depth, and one comes twice where the pointers of another lie between its own.
 */
export async function listPackages(
  store: ObjectStore,
  layout: Layout,
  options: PackagesOptions
): Promise<Page<PackageSummary>> {
  const after = options.after === undefined ? '' : decodeCursor(options.after)
  const found = layout.version === 2 ? versionTwo(store, options, after) : versionOne(store, options, after)
  const { items, next } = await pageOf(found, options, ({ cursor }) => cursor)
  return { items: items.map(({ summary }) => summary), next }
}

function versionOne(store: ObjectStore, options: PackagesOptions, after: string): AsyncIterable<Found> {
  if (!store.uri.startsWith('file:')) return ofPointers(store, options, after)
  return options.latest === true
    ? twoParts(ofPointers(store, options, after))
    : twoLevels(store, options, after)
}

/** Every pointer's key without its last part, where it is not the one before. The cursor is the last key of a package. */
async function* ofPointers(
  store: ObjectStore,
  { prefix = '', latest: asked = false, signal }: PackagesOptions,
  after: string
): AsyncGenerator<Found> {
  let found: { readonly name: string; readonly latest?: LatestPointer; readonly cursor: string } | undefined
  const done = ({ cursor, ...summary }: NonNullable<typeof found>): Found => ({ summary, cursor })
  const start = after === '' ? {} : { after: namedPackages + after }
  const call = signal === undefined ? {} : { signal }
  for await (const object of listAll(store, { prefix: namedPackages + prefix, ...start, ...call })) {
    const cursor = object.key.slice(namedPackages.length)
    const name = cursor.slice(0, Math.max(0, cursor.lastIndexOf('/')))
    if (!name.startsWith(prefix)) continue
    if (found !== undefined && found.name !== name) yield done(found)
    const before = found?.name === name ? found : { name }
    const isLatest = asked && cursor === `${name}/${latest}`
    found = { ...before, ...(isLatest ? { latest: pointerOf(object) } : {}), cursor }
  }
  if (found !== undefined) yield done(found)
}

async function* twoParts(packages: AsyncIterable<Found>): AsyncGenerator<Found> {
  for await (const found of packages) if (found.summary.name.split('/').length === 2) yield found
}

async function* twoLevels(
  store: ObjectStore,
  { prefix = '' }: PackagesOptions,
  after: string
): AsyncGenerator<Found> {
  for (const user of await store.folders(namedPackages)) {
    const start = `${user}/`
    const wanted = start.startsWith(prefix) || prefix.startsWith(start)
    const passed = compareCodePoints(start, after) < 0 && !after.startsWith(start)
    if (!wanted || passed) continue
    for (const last of await store.folders(namedPackages + start)) {
      const name = start + last
      if (name.startsWith(prefix) && compareCodePoints(`${name}/`, after) > 0)
        yield { summary: { name }, cursor: `${name}/` }
    }
  }
}

async function* versionTwo(
  store: ObjectStore,
  { prefix = '', latest: asked = false }: PackagesOptions,
  after: string
): AsyncGenerator<Found> {
  const folders = await store.folders(manifestFolders)
  const pointers = asked ? await latestTags(store) : undefined
  const cursors = folders
    .map((folder) => `${packageOf(folder)}/`)
    .filter((cursor) => cursor.startsWith(prefix) && compareCodePoints(cursor, after) > 0)
  for (const cursor of cursors.sort(compareCodePoints)) {
    const name = cursor.slice(0, -1)
    const pointer = pointers?.get(name)
    yield { summary: pointer === undefined ? { name } : { name, latest: pointer }, cursor }
  }
}

async function latestTags(store: ObjectStore): Promise<ReadonlyMap<string, LatestPointer>> {
  const found = new Map<string, LatestPointer>()
  for await (const object of listAll(store, { prefix: tagFolders })) {
    const [folder = '', tag, ...more] = object.key.slice(tagFolders.length).split('/')
    if (tag === latest && more.length === 0) found.set(packageOf(folder), pointerOf(object))
  }
  return found
}

function pointerOf({ etag, modified }: ListedObject): LatestPointer {
  return { etag, modified }
}
