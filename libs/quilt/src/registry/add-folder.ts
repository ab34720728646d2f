import { realpath } from 'node:fs/promises'
import { join } from 'node:path'

import { QuiltError } from '../error.ts'
import { fileError } from '../store/file-errors.ts'
import { LocalStore } from '../store/local-store.ts'
import { listAll } from '../store/object-store.ts'
import type { CallOptions, PhysicalKey } from '../types.ts'
import type { Locate } from './entry-bytes.ts'
import { ignoreRules } from './ignore-rules.ts'
import type { PackageBuilder } from './package-builder.ts'

/** A folder of this machine, or the objects of a bucket whose keys begin alike. */
export type FolderSource =
  | { readonly folder: string }
  | { readonly prefix: PhysicalKey & { readonly kind: 's3' }; readonly unversioned?: boolean }

/**
 * Puts all files of a folder into a package, below `path` (`''`: at its root), under their names in the folder, but for
 * those that its `.quiltignore` names. What ends with a slash in a bucket is no file. Returns how many there were. Throws `outside-root` for links that lead out of
 * the folder. Source: quilt3 8.0.0, packages.py `set_dir`, which also sets the metadata of the folder.
 */
export async function addFolder(
  builder: PackageBuilder,
  path: string,
  source: FolderSource,
  locate: Locate,
  options: CallOptions
): Promise<number> {
  const start = path.replace(/^\/+|\/+$/g, '')
  const above = start === '' ? '' : `${start}/`
  let count = 0
  if ('folder' in source) {
    const isIgnored = await ignoredIn(source.folder, options)
    for await (const { key } of listAll(new LocalStore(source.folder), options)) {
      if (isIgnored(key)) continue
      builder.set(above + key, { file: join(source.folder, key) })
      count++
    }
    return count
  }
  const { prefix, unversioned = false } = source
  if (prefix.versionId !== undefined)
    throw new QuiltError('invalid-physical-key', 'Directories cannot have versions')
  const { store } = await locate(prefix)
  const root = prefix.key === '' || prefix.key.endsWith('/') ? prefix.key : `${prefix.key}/`
  for await (const { key } of listAll(store, { prefix: root, ...options })) {
    if (key.endsWith('/')) continue
    builder.set(above + key.slice(root.length), { object: { ...prefix, key }, unversioned })
    count++
  }
  return count
}

/** Bytes of the longest `.quiltignore` that is read. */
const maxIgnoreBytes = 1024 * 1024

/** Tells which files of a folder its `.quiltignore` names. */
async function ignoredIn(folder: string, options: CallOptions): Promise<(key: string) => boolean> {
  const store = new LocalStore(folder)
  const name = '.quiltignore'
  if ((await store.head(name, options)) === undefined) return () => false
  const text = Buffer.from(await store.get(name, { ...options, end: maxIgnoreBytes })).toString('utf8')
  try {
    return ignoreRules(text, await realpath(folder))
  } catch (error) {
    throw fileError(error, folder)
  }
}
