import { join } from 'node:path'

import { QuiltError } from '../error.ts'
import { LocalStore } from '../store/local-store.ts'
import { listAll } from '../store/object-store.ts'
import type { CallOptions, PhysicalKey } from '../types.ts'
import type { Locate } from './entry-bytes.ts'
import type { PackageBuilder } from './package-builder.ts'

/** A folder of this machine, or the objects of a bucket whose keys begin alike. */
export type FolderSource =
  | { readonly folder: string }
  | { readonly prefix: PhysicalKey & { readonly kind: 's3' }; readonly unversioned?: boolean }

/**
 * Puts all files of a folder into a package, below `path` (`''`: at its root), under their names in the folder. What
 * ends with a slash in a bucket is no file. Returns how many there were. Throws `outside-root` for links that lead out of
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
    for await (const { key } of listAll(new LocalStore(source.folder), options)) {
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
