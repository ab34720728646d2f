import { lstat } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { types } from 'node:util'

import { QuiltError, throwIfAborted } from '../error.ts'
import { isMissing } from './file-errors.ts'

const patienceMs = 10_000

/**
 * Runs `work` while no other process or caller that uses the same lock file does. The lock is SQLite's lock on an
 * empty database: the operating system gives it up when its process dies, so a killed writer blocks nobody.
 * Throws `locked` after ten seconds of waiting.
 */
export async function withLock<T>(path: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  await refuseLink(path)
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    await begin(database, path, signal)
    return await work()
  } finally {
    database.close()
  }
}

async function begin(database: DatabaseSync, path: string, signal?: AbortSignal): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!tryBegin(database)) {
    throwIfAborted(signal)
    if (performance.now() > deadline)
      throw new QuiltError('locked', `another writer has held ${path} for ten seconds`)
    await sleep(2 + Math.random() * 10)
  }
}

function tryBegin(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN IMMEDIATE')
    return true
  } catch (error) {
    const busy = 5
    if (types.isNativeError(error) && 'errcode' in error && error.errcode === busy) return false
    throw error
  }
}

async function refuseLink(path: string): Promise<void> {
  try {
    if ((await lstat(path)).isFile()) return
  } catch (error) {
    if (isMissing(error)) return
    throw error
  }
  throw new QuiltError('outside-root', `${path} is not a file`, { remedy: 'Remove it; it is made anew.' })
}
