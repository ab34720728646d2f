import type { Artifact } from '@fast-mcp/validation'
import { execa } from 'execa'
import { createHash } from 'node:crypto'
import { lstat, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * What the phase takes: all files that git knows or would take, by names and contents as they are in the work tree.
 * Only files that differ from git's index are read, for it has the hash of all others. Throws what git and node:fs
 * throw.
 */
export async function sourcesArtifact(workspace: string): Promise<Artifact> {
  const [index, changes] = await Promise.all([
    git(workspace, ['ls-files', '--stage', '-z']),
    git(workspace, ['status', '--porcelain=v2', '-z', '--untracked-files=all', '--no-renames'])
  ])
  // "<mode> <object> <stage>\t<path>"
  const contents = new Map(
    index.map((line) => {
      const tab = line.indexOf('\t')
      return [line.slice(tab + 1), line.slice(0, tab)]
    })
  )
  for (const change of changes) {
    const name = differs(change)
    if (name === undefined) continue
    const content = await contentOf(join(workspace, name))
    if (content === undefined) contents.delete(name)
    else contents.set(name, content)
  }
  const hash = createHash('sha256')
  for (const name of [...contents.keys()].sort())
    hash.update(`${JSON.stringify([name, contents.get(name)])}\n`)
  return { name: 'sources', kind: 'folder', location: '.', digest: `sha256:${hash.digest('hex')}` }
}

/**
 * The name of a file whose content is not the one in git's index, from a line of git-status(1), "Porcelain Format
 * Version 2": `1 XY <6 fields> <path>`, `u XY <8 fields> <path>` or `? <path>`, where Y says how the work tree differs.
 */
function differs(line: string): string | undefined {
  const fields = { '1': 8, u: 10, '?': 1 }[line.slice(0, 1)]
  if (fields === undefined || /^1 .\. /.test(line)) return undefined
  return line.split(' ').slice(fields).join(' ')
}

async function git(workspace: string, args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await execa('git', args, { cwd: workspace })
  return stdout.split('\0').filter((one) => one !== '')
}

/** Undefined for a file that git knows and that was deleted. A folder is a repository of its own, which git does not look into. */
async function contentOf(path: string): Promise<string | undefined> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return undefined
  if (found.isSymbolicLink()) return `link ${await readlink(path)}`
  if (found.isDirectory()) return 'folder'
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
}
