import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { compareCodePoints } from '../json/index.ts'
import { isTemporary } from './atomic-write.ts'
import { fileError, isMissing } from './file-errors.ts'
import { resolveInside } from './inside-root.ts'

/** A file that was listed. */
export interface ListedFile {
  readonly key: string
  /** Whether the name is a symbolic link, so that it must be opened to know what it is. */
  readonly isLink: boolean
}

/**
 * The files below `root` whose keys begin with `prefix` and come after `after`, in the order of the keys' UTF-8 bytes. Folders are read one at a time, and only those that can hold such a key. Links to files are listed (opening
 * checks where they lead); links to folders are not entered, so a circle of links ends.
 */
export async function* listKeys(root: string, prefix: string, after: string): AsyncGenerator<ListedFile> {
  const start = prefix.slice(0, prefix.lastIndexOf('/') + 1)
  if (await exists(root, start)) yield* walk(root, start, prefix, after)
}

/** The names of the folders in a folder given with a slash at the end, in the order that their keys have. */
export async function listFolders(root: string, folder: string): Promise<readonly string[]> {
  if (!(await exists(root, folder))) return []
  const keys = await children(root, folder)
  return keys.filter(({ key }) => key.endsWith('/')).map(({ key }) => key.slice(folder.length, -1))
}

async function exists(root: string, folder: string): Promise<boolean> {
  return folder === '' || (await resolveInside(root, folder.slice(0, -1))) !== undefined
}

async function* walk(
  root: string,
  folder: string,
  prefix: string,
  after: string
): AsyncGenerator<ListedFile> {
  for (const { key, isLink } of await children(root, folder)) {
    const below = key.endsWith('/')
    const wanted = key.startsWith(prefix) || (below && prefix.startsWith(key))
    if (!wanted) continue
    if (below) {
      const passed = compareCodePoints(key, after) < 0 && !after.startsWith(key)
      if (!passed) yield* walk(root, key, prefix, after)
    } else if (compareCodePoints(key, after) > 0) yield { key, isLink }
  }
}

/** What a folder holds, as keys; those of folders end with a slash, which puts them where their files belong. */
async function children(root: string, folder: string): Promise<readonly ListedFile[]> {
  try {
    const entries = await readdir(join(root, folder), { withFileTypes: true })
    return entries
      .filter((entry) => !isTemporary(entry.name))
      .filter((entry) => entry.isFile() || entry.isDirectory() || entry.isSymbolicLink())
      .map((entry) => ({
        key: folder + entry.name + (entry.isDirectory() ? '/' : ''),
        isLink: entry.isSymbolicLink()
      }))
      .sort((a, b) => compareCodePoints(a.key, b.key))
  } catch (error) {
    if (isMissing(error)) return []
    throw fileError(error, folder)
  }
}
