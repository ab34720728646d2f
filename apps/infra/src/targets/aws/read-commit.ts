import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Version } from '@fast-mcp/versioning'

const run = promisify(execFile)

/** The commit whose SHA begins with `sha`, as this repository knows it; undefined where it does not. */
export async function readCommit(workspace: string, sha: string): Promise<Version | undefined> {
  try {
    const { stdout } = await run('git', ['-C', workspace, 'show', '--no-patch', '--format=%h %H %ct', sha])
    const [short, fullSha, seconds] = stdout.trim().split(' ')
    if (short === undefined || fullSha === undefined || seconds === undefined) return undefined
    return {
      sha: short,
      fullSha,
      dirty: false,
      committedAt: new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z')
    }
  } catch {
    return undefined
  }
}
