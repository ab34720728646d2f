import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type BigIntStats } from 'node:fs'

import { fileError, isMissing, systemCode } from './file-errors.ts'
import type { SmallObject } from './object-store.ts'

// Looks at single small files block for microseconds, where the same asynchronously takes a hundred times as long: lists
// of thousands of them are made in this way, with a turn of the event loop now and then.

/** What is at a path that is no link; undefined where it is gone. */
export function statsAt(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true })
  } catch (error) {
    if (isMissing(error)) return undefined
    throw fileError(error, path)
  }
}

/** What a small file is read into. */
let scratch = Buffer.allocUnsafeSlow(256)

/** The first `end` bytes of a file; undefined where there is none, `link` where the name is a symbolic link. */
export function readSmall(path: string, end: number): SmallObject | undefined | 'link' {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (isMissing(error)) return undefined
    if (systemCode(error) === 'ELOOP') return 'link'
    throw fileError(error, path)
  }
  try {
    const stats = fstatSync(file)
    if (!stats.isFile()) return undefined
    if (scratch.length < end) scratch = Buffer.allocUnsafeSlow(end)
    const bytes = Buffer.from(scratch.subarray(0, readSync(file, scratch, 0, end, 0)))
    return { bytes, modified: stats.mtime }
  } catch (error) {
    throw fileError(error, path)
  } finally {
    closeSync(file)
  }
}
