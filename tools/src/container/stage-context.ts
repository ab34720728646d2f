import { CodedError } from '@fast-mcp/errors'
import { existsSync } from 'node:fs'
import { chmod, copyFile, lstat, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** What goes into the image, from the folder of the built server. */
export const contents = ['main.js', 'chunks', 'package.json', 'THIRD-PARTY-NOTICES.txt', 'sample'] as const

/**
 * Makes the folder that the image is built from: the built server alone, with modes that do not depend on the umask.
 * Throws CodedError `output-missing` where the server was not built, `output-changed` for a link or a device in it.
 */
export async function stageContext(server: string, context: string): Promise<void> {
  const absent = contents.filter((name) => !existsSync(join(server, name)))
  if (absent.length > 0)
    throw new CodedError('output-missing', `${server} lacks ${absent.join(', ')}`, {
      remedy: 'Build it: nx run-many -t build sample -p mcp-server'
    })
  await rm(context, { recursive: true, force: true })
  await makeFolder(context)
  for (const name of contents) await copy(join(server, name), join(context, name))
}

async function copy(from: string, to: string): Promise<void> {
  const kind = await lstat(from)
  if (kind.isDirectory()) {
    await makeFolder(to)
    for (const name of await readdir(from)) await copy(join(from, name), join(to, name))
  } else if (kind.isFile()) {
    await copyFile(from, to)
    await chmod(to, 0o644)
  } else
    throw new CodedError('output-changed', `${from} is neither a file nor a folder`, {
      remedy: 'Build again: nx run-many -t build sample -p mcp-server --skip-nx-cache'
    })
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path)
  await chmod(path, 0o755)
}
