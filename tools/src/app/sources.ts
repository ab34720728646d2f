import type { Artifact } from '@fast-mcp/validation'
import { execa } from 'execa'
import { createHash } from 'node:crypto'
import { lstat, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * What the phase takes: all files that git knows or would take, by names and contents as they are in the work tree.
 * Throws what git and node:fs throw.
 */
export async function sourcesArtifact(workspace: string): Promise<Artifact> {
  const { stdout } = await execa('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: workspace
  })
  const hash = createHash('sha256')
  for (const name of [...new Set(stdout.split('\0'))].filter((one) => one !== '').sort()) {
    const content = await contentOf(join(workspace, name))
    if (content !== undefined) hash.update(`${JSON.stringify(name)} ${content}\n`)
  }
  return { name: 'sources', kind: 'folder', location: '.', digest: `sha256:${hash.digest('hex')}` }
}

/** Undefined for a file that git knows and that was deleted. */
async function contentOf(path: string): Promise<string | undefined> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return undefined
  if (found.isSymbolicLink()) return `link ${await readlink(path)}`
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
}
