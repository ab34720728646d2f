import { readdirSync, statSync, type Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { compareCodePoints } from '../json/index.ts'
import type { Pace } from '../pace.ts'
import { sortInTurns } from '../sort-in-turns.ts'
import { isTemporary } from './atomic-write.ts'
import { fileError, isMissing } from './file-errors.ts'
import { resolveInside } from './inside-root.ts'

/** The size in bytes of a folder itself up to which it has a few hundred names, on most file systems. */
const smallFolder = 8192

/** A file that was listed. */
export interface ListedFile {
  readonly key: string
  /** Whether the name is a symbolic link, so that it must be opened to know what it is. */
  readonly isLink: boolean
}

/**
 * The files below `root` whose keys begin with `prefix` and come after `after`, in the order of the keys' UTF-8 bytes.
 * Folders are read one at a time, and only those that can hold such a key. Links to files are listed (opening
 * checks where they lead); links to folders are not entered, so a circle of links ends. They come in batches: those of
 * one folder between two of its folders.
 */
export async function* listKeys(
  root: string,
  prefix: string,
  after: string,
  pace: Pace
): AsyncGenerator<readonly ListedFile[]> {
  const start = prefix.slice(0, prefix.lastIndexOf('/') + 1)
  if (exists(root, start)) yield* walk({ root, prefix, after, pace }, start)
}

/** The names of the folders in a folder given with a slash at the end, in the order that their keys have. */
export async function listFolders(root: string, folder: string, pace: Pace): Promise<readonly string[]> {
  if (!exists(root, folder)) return []
  const keys = await children(root, folder, pace)
  return keys.filter(({ key }) => key.endsWith('/')).map(({ key }) => key.slice(folder.length, -1))
}

/** The names of the files in a folder and of the links, in any order. */
export async function listFiles(folder: string, pace: Pace): Promise<readonly string[]> {
  const names: string[] = []
  for (const entry of await namesIn(folder, folder)) {
    if (pace.isDue) await pace.rest()
    if ((entry.isFile() || entry.isSymbolicLink()) && !isTemporary(entry.name)) names.push(entry.name)
  }
  return names
}

function exists(root: string, folder: string): boolean {
  return folder === '' || resolveInside(root, folder.slice(0, -1)) !== undefined
}

interface Walk {
  readonly root: string
  readonly prefix: string
  readonly after: string
  readonly pace: Pace
}

async function* walk(of: Walk, folder: string): AsyncGenerator<readonly ListedFile[]> {
  const { root, prefix, after, pace } = of
  let files: ListedFile[] = []
  for (const file of await children(root, folder, pace)) {
    const { key } = file
    const below = key.endsWith('/')
    const wanted = key.startsWith(prefix) || (below && prefix.startsWith(key))
    if (!wanted) continue
    if (below) {
      const passed = compareCodePoints(key, after) < 0 && !after.startsWith(key)
      if (passed) continue
      if (files.length > 0) yield files
      files = []
      yield* walk(of, key)
    } else if (compareCodePoints(key, after) > 0) files.push(file)
  }
  if (files.length > 0) yield files
}

/** What a folder holds, as keys; those of folders end with a slash, which puts them where their files belong. */
async function children(root: string, folder: string, pace: Pace): Promise<readonly ListedFile[]> {
  const found: ListedFile[] = []
  for (const entry of await namesIn(join(root, folder), folder)) {
    if (pace.isDue) await pace.rest()
    const [isFolder, isLink] = [entry.isDirectory(), entry.isSymbolicLink()]
    if (isTemporary(entry.name) || !(isFolder || isLink || entry.isFile())) continue
    found.push({ key: folder + entry.name + (isFolder ? '/' : ''), isLink })
  }
  return await sortInTurns(found, (a, b) => compareCodePoints(a.key, b.key), pace)
}

async function namesIn(path: string, called: string): Promise<Dirent[]> {
  try {
    // to wait for a thread takes longer than to read a small folder
    if (statSync(path).size <= smallFolder) return readdirSync(path, { withFileTypes: true })
    return await readdir(path, { withFileTypes: true })
  } catch (error) {
    if (isMissing(error)) return []
    throw fileError(error, called)
  }
}
