import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** `sha256:` and 64 hexadecimal digits, of the file's bytes. Reads it as a stream. Throws what node:fs throws. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  return `sha256:${hash.digest('hex')}`
}

/**
 * `sha256:` and 64 hexadecimal digits, of the names and contents of all files below the folder.
 *
 * The same for the same tree wherever and whenever it was written: paths relative to the folder, sorted by code
 * unit; symbolic links count by what they point at as text; times, owners, modes and empty folders do not count.
 * Throws what node:fs throws, and a TypeError for a socket, a device or a pipe.
 */
export async function folderDigest(path: string): Promise<string> {
  const hash = createHash('sha256')
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const named = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => ({ entry, full: join(entry.parentPath, entry.name) }))
    .map(({ entry, full }) => ({
      entry,
      full,
      name: full.slice(join(path, '/').length).replaceAll('\\', '/')
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const { entry, full, name } of named) {
    if (entry.isSymbolicLink())
      hash.update(`link ${JSON.stringify(await readlink(full))} ${JSON.stringify(name)}\n`)
    else if (entry.isFile()) hash.update(`file ${await fileDigest(full)} ${JSON.stringify(name)}\n`)
    else throw new TypeError(`${full} is neither a file nor a folder nor a link`)
  }
  return `sha256:${hash.digest('hex')}`
}
