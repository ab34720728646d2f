import { randomBytes } from 'node:crypto'
import { lstat, mkdir, open, readdir, readFile, rename, rm, utimes, type FileHandle } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import { fromSystemError, QuiltError } from '../error.ts'
import type { IndexData } from '../scan/index-data.ts'
import { isMissing } from '../store/file-errors.ts'
import { Recent } from './recent.ts'

/** Leftovers of writers that died are removed after this time, in milliseconds. */
const abandonedAfter = 60 * 60 * 1000

/**
 * A folder of files that can be made again, with an upper bound of bytes: the ones used least recently go first. Any
 * number of processes may share it: files are written aside and renamed, and one that is gone is simply not there.
 */
export class CacheFolder {
  readonly folder: string
  /** What was read from the folder and made use of, kept in memory for the next time: up to 64 MiB. */
  readonly memory = new Recent<IndexData>(64 * 1024 * 1024)
  private readonly maxBytes: number

  /** @param maxBytes what all files together may have @default 2 GiB */
  constructor(folder: string, maxBytes: number = 2 * 1024 ** 3) {
    this.folder = folder
    this.maxBytes = maxBytes
  }

  /** The cache of this user in the system's folder for temporary files. */
  static ofUser(): CacheFolder {
    return new CacheFolder(path.join(tmpdir(), `fast-mcp-quilt-${userInfo().uid}`))
  }

  /** Where the file of that name is, if there is one. The name is one path part. */
  path(name: string): string {
    return path.join(this.folder, name)
  }

  /** The file's bytes; undefined where there is none. Marks it as used. */
  async read(name: string): Promise<Buffer | undefined> {
    try {
      const bytes = await readFile(this.path(name))
      await this.touch(name)
      return bytes
    } catch (error) {
      if (isMissing(error)) return undefined
      throw fromSystemError(error, this.path(name))
    }
  }

  /** The size of a file in bytes, undefined where there is none. Marks it as used. Throws as write does. */
  async size(name: string): Promise<number | undefined> {
    await this.prepare()
    try {
      const { size } = await lstat(this.path(name))
      await this.touch(name)
      return size
    } catch (error) {
      if (isMissing(error)) return undefined
      throw fromSystemError(error, this.path(name))
    }
  }

  /** Marks a file as used now. */
  async touch(name: string): Promise<void> {
    const now = new Date()
    try {
      await utimes(this.path(name), now, now)
    } catch (error) {
      if (!isMissing(error)) throw fromSystemError(error, this.path(name))
    }
  }

  /**
   * Writes a file, whole or not at all, and removes others where the folder has become too large.
   *
   * Throws QuiltError `storage-full`, `access-denied`, `storage-failed`, `object-not-found` where the folder cannot be
   * written or made, `outside-root` where it is not ours.
   */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    await this.fill(name, async (file) => {
      const handle = await open(file, 'wx', 0o600)
      try {
        await handle.writeFile(bytes)
      } finally {
        await handle.close()
      }
    })
  }

  /** Like write, with a function that makes the file at the path it is given. */
  async fill(name: string, make: (file: string) => Promise<void>): Promise<void> {
    try {
      await this.prepare()
      const aside = this.path(`${name}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`)
      try {
        await make(aside)
        await rename(aside, this.path(name))
      } catch (error) {
        await rm(aside, { force: true })
        throw error
      }
      await this.makeRoom(name)
    } catch (error) {
      throw fromSystemError(error, this.path(name))
    }
  }

  /**
   * A file without a name, to write and read: it is gone when it is closed, or when the process dies.
   *
   * Throws as write does.
   */
  async scratch(): Promise<FileHandle> {
    const file = this.path(`scratch.${process.pid}.${randomBytes(6).toString('hex')}.tmp`)
    try {
      await this.prepare()
      const handle = await open(file, 'wx+', 0o600)
      await rm(file)
      return handle
    } catch (error) {
      throw fromSystemError(error, file)
    }
  }

  async remove(name: string): Promise<void> {
    await rm(this.path(name), { force: true })
  }

  private async prepare(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 })
    // another user could have made the folder before us, in a place that all can write to
    const { uid } = userInfo()
    const stats = await lstat(this.folder)
    if (!stats.isDirectory() || (uid >= 0 && stats.uid !== uid))
      throw new QuiltError(
        'outside-root',
        `the cache folder ${this.folder} belongs to another user or is a link`,
        {
          where: this.folder,
          remedy: 'Remove it, or set another cache folder.'
        }
      )
  }

  /** Removes the files used least recently while there is too much, but for the one of that name. */
  async makeRoom(justWritten: string): Promise<void> {
    const files = await this.files()
    let total = files.reduce((sum, file) => sum + file.size, 0)
    const oldestFirst = files.sort((a, b) => a.used - b.used)
    for (const file of oldestFirst) {
      const abandoned = file.name.endsWith('.tmp') && Date.now() - file.used > abandonedAfter
      const tooMuch = total > this.maxBytes && !file.name.endsWith('.tmp') && file.name !== justWritten
      if (!abandoned && !tooMuch) continue
      await this.remove(file.name)
      total -= file.size
    }
  }

  private async files(): Promise<{ readonly name: string; readonly size: number; readonly used: number }[]> {
    const names = await readdir(this.folder)
    const found = await Promise.all(
      names.map(async (name) => {
        try {
          const stats = await lstat(this.path(name))
          return stats.isFile() ? [{ name, size: stats.size, used: stats.mtimeMs }] : []
        } catch (error) {
          if (isMissing(error)) return []
          throw error
        }
      })
    )
    return found.flat()
  }
}
