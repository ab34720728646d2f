import { compareCodePoints } from '../json/index.ts'
import { listAll, type ObjectStore } from '../store/object-store.ts'
import { decodeCursor } from '../page.ts'
import type { PackageSummary, Page, PageOptions } from '../types.ts'
import { manifestFolders, namedPackages, packageOf, type Layout } from './layout.ts'
import { pageOf } from './paging.ts'

/**
 * The packages of a registry whose name begins with `prefix`, in the order of their names. As in quilt3, what has a
 * folder of pointers is listed, whether or not it has a latest revision; in a bucket, names may be of any depth.
 */
export async function listPackages(
  store: ObjectStore,
  layout: Layout,
  options: PageOptions & { readonly prefix?: string }
): Promise<Page<PackageSummary>> {
  const { prefix = '' } = options
  const after = options.after === undefined ? '' : decodeCursor(options.after)
  const names = layout.version === 2 ? versionTwo(store, prefix) : versionOne(store, prefix, after)
  return await pageOf(behind(names, after), options, ({ name }) => name)
}

async function* behind(names: AsyncIterable<string>, after: string): AsyncGenerator<PackageSummary> {
  for await (const name of names) if (compareCodePoints(name, after) > 0) yield { name }
}

function versionOne(store: ObjectStore, prefix: string, after: string): AsyncIterable<string> {
  return store.uri.startsWith('file:') ? twoLevels(store, prefix, after) : ofKeys(store, prefix, after)
}

/** Every key without its last part; pointers of one package follow each other. */
async function* ofKeys(store: ObjectStore, prefix: string, after: string): AsyncGenerator<string> {
  let name: string | undefined
  const start = after === '' ? {} : { after: `${namedPackages}${after}/` }
  for await (const { key } of listAll(store, { prefix: namedPackages + prefix, ...start })) {
    const found = key.slice(namedPackages.length, Math.max(namedPackages.length, key.lastIndexOf('/')))
    if (found === name || !found.startsWith(prefix)) continue
    name = found
    yield found
  }
}

async function* twoLevels(store: ObjectStore, prefix: string, after: string): AsyncGenerator<string> {
  for (const user of await store.folders(namedPackages)) {
    const start = `${user}/`
    const wanted = start.startsWith(prefix) || prefix.startsWith(start)
    const passed = compareCodePoints(start, after) < 0 && !after.startsWith(start)
    if (!wanted || passed) continue
    for (const name of await store.folders(namedPackages + start))
      if ((start + name).startsWith(prefix)) yield start + name
  }
}

async function* versionTwo(store: ObjectStore, prefix: string): AsyncGenerator<string> {
  const folders = await store.folders(manifestFolders)
  yield* folders
    .map(packageOf)
    .filter((name) => name.startsWith(prefix))
    .sort(compareCodePoints)
}
