import { randomUUID } from 'node:crypto'
import { link, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { hasCode } from '../system-error.ts'
import { processStart } from './process-start.ts'

const holderSchema = z.object({
  pid: z.number().int().positive(),
  processStart: z.string(),
  command: z.string(),
  since: z.iso.datetime(),
  token: z.string().min(1)
})

/** Who holds the lock. */
export type Holder = z.infer<typeof holderSchema>

/** Writes the lock file if there is none; false where there is one. Complete from its first moment on. */
export async function createLock(path: string, holder: Holder): Promise<boolean> {
  const aside = `${path}.${randomUUID()}.tmp`
  try {
    await writeFile(aside, `${JSON.stringify(holder, undefined, 2)}\n`)
    await link(aside, path)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  } finally {
    await rm(aside, { force: true })
  }
}

/** The holder; `unreadable` for a file that no lock of ours can be, undefined where there is no lock. */
export async function readLock(path: string): Promise<Holder | 'unreadable' | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  })
  if (text === undefined) return undefined
  try {
    return holderSchema.parse(JSON.parse(text))
  } catch {
    // Locks come into being complete, so this one was damaged by something else and nobody can hold it.
    return 'unreadable'
  }
}

/** Whether the process that took the lock is still there. */
export async function isAlive(holder: Holder): Promise<boolean> {
  return (await processStart(holder.pid)) === holder.processStart
}

/**
 * Removes the lock of a dead holder. Of several processes that try, one does it at a time and looks again first, so
 * that none removes the lock that another has taken meanwhile. False where another one is at it.
 */
export async function removeDeadLock(path: string): Promise<boolean> {
  const claim = `${path}.takeover`
  try {
    await writeFile(claim, '', { flag: 'wx' })
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
    const age = await stat(claim).then(
      (found) => Date.now() - found.mtimeMs,
      () => 0
    )
    // A claim is held for milliseconds; an old one belongs to a process that died holding it.
    if (age > 10_000) await rm(claim, { force: true })
    return false
  }
  try {
    const holder = await readLock(path)
    if (holder === 'unreadable' || (holder !== undefined && !(await isAlive(holder))))
      await rm(path, { force: true })
    return true
  } finally {
    await rm(claim, { force: true })
  }
}
