import { constants, realpathSync } from 'node:fs'
import { lstat, mkdir, open, realpath, rmdir, type FileHandle } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import type { BigIntStats } from 'node:fs'

import { QuiltError, quoted } from '../error.ts'
import { fileError, isMissing, systemCode } from './file-errors.ts'
import { syncFolder } from './atomic-write.ts'

/** How often a file may be replaced between looking it up and opening it before we give up. */
const maxReplacements = 10

export interface OpenFile {
  readonly handle: FileHandle
  readonly stats: BigIntStats
  /** Where the file is, without any link. */
  readonly path: string
}

/**
 * The components of a key. Refuses (`invalid-object-key`) what could leave the root or cannot be a file name: an empty
 * component, `.`, `..` and NUL.
 */
export function keyParts(key: string): readonly string[] {
  const parts = key.split('/')
  const bad = parts.find((part) => part === '' || part === '.' || part === '..' || part.includes('\0'))
  if (bad === undefined) return parts
  throw new QuiltError(
    'invalid-object-key',
    `key ${quoted(key)} has a component ${quoted(bad)}: each must be a file name other than '.' and '..'`,
    { key }
  )
}

/** Whether `path` is `root` or below it. Both absolute and free of links. */
export function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)
}

/**
 * The real path of a key below `root` (itself a real path), or undefined where there is nothing. Blocks for microseconds:
 * waiting for a thread that looks takes many times as long.
 */
export function resolveInside(root: string, key: string): string | undefined {
  const path = join(root, ...keyParts(key))
  try {
    const real = realpathSync.native(path)
    if (!isInside(root, real)) throw outside(key)
    return real
  } catch (error) {
    if (isMissing(error)) return undefined
    throw fileError(error, key)
  }
}

/**
 * Opens a file for reading, or returns undefined where there is none or a folder. Links are followed as long as they
 * stay below the root. The place is looked up again after opening, so that a link put in place meanwhile leads nowhere.
 */
export async function openInside(root: string, key: string): Promise<OpenFile | undefined> {
  for (let attempt = 0; attempt < maxReplacements; attempt++) {
    const path = resolveInside(root, key)
    if (path === undefined) return undefined
    const opened = await openExactly(path, key)
    if (opened !== 'replaced') return opened
  }
  throw new QuiltError('object-changed', `'${key}' was replaced again and again while it was being opened`, {
    remedy: 'Try again when nothing writes to it.'
  })
}

async function openExactly(path: string, key: string): Promise<OpenFile | undefined | 'replaced'> {
  let handle: FileHandle
  try {
    // A pipe would block the open, and a link that appeared since must not be followed.
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (isMissing(error) || systemCode(error) === 'ELOOP') return 'replaced'
    throw fileError(error, key)
  }
  let keep = false
  try {
    const stats = await handle.stat({ bigint: true })
    if (stats.isDirectory()) return undefined
    if (!stats.isFile())
      throw new QuiltError('storage-failed', `'${key}' is neither a file nor a folder`, {
        remedy: 'Remove the device, pipe or socket from the folder.'
      })
    if (!(await isStillThere(path, stats))) return 'replaced'
    keep = true
    return { handle, stats, path }
  } finally {
    if (!keep) await handle.close()
  }
}

async function isStillThere(path: string, stats: BigIntStats): Promise<boolean> {
  try {
    const [real, now] = await Promise.all([realpath(path), lstat(path, { bigint: true })])
    return real === path && now.ino === stats.ino && now.dev === stats.dev
  } catch (error) {
    if (isMissing(error)) return false
    throw fileError(error, path)
  }
}

/** The real path of the folder a key lies in, made where it is missing. */
export async function makeFolderInside(root: string, key: string): Promise<string> {
  let folder = root
  for (const part of keyParts(key).slice(0, -1)) {
    const child = join(folder, part)
    try {
      await mkdir(child)
      await syncFolder(folder)
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw fileError(error, key)
    }
    try {
      folder = await realpath(child)
      if (!(await lstat(folder)).isDirectory())
        throw new QuiltError('invalid-object-key', `'${key}' lies below a file: ${part}`, {
          remedy: 'Use another key, or remove the file.'
        })
    } catch (error) {
      throw fileError(error, key)
    }
    if (!isInside(root, folder)) throw outside(key)
  }
  return folder
}

/** Removes a folder below the root and those above it as far as they are empty, so that only objects make folders. */
export async function removeEmptyFolders(root: string, folder: string): Promise<void> {
  for (let path = folder; path !== root && isInside(root, path); path = dirname(path)) {
    try {
      await rmdir(path)
    } catch (error) {
      const code = systemCode(error)
      if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOENT') break
      throw fileError(error, path)
    }
  }
  await syncNearest(root, folder)
}

async function syncNearest(root: string, folder: string): Promise<void> {
  for (let path = folder; isInside(root, path); path = dirname(path)) {
    try {
      await syncFolder(path)
      return
    } catch (error) {
      if (!isMissing(error)) throw fileError(error, path)
    }
  }
}

function outside(key: string): QuiltError {
  return new QuiltError(
    'outside-root',
    `'${key}' leads out of the folder it must stay in, by a symbolic link`,
    {
      remedy: 'Remove the link, or open the folder that it leads to.',
      key
    }
  )
}
