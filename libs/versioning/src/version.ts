import { CodedError } from '@fast-mcp/errors'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** One commit, as every phase names it. */
export interface Version {
  /** `git rev-parse --short HEAD`. */
  readonly sha: string
  /** `git rev-parse HEAD`, 40 or 64 hexadecimal digits; what comparisons use. */
  readonly fullSha: string
  /** The work tree has changes (untracked files that are not ignored count) that the commit does not hold. */
  readonly dirty: boolean
  /** Commit time, ISO 8601 in UTC with seconds. */
  readonly committedAt: string
}

/**
 * The version of the commit checked out in a folder. Works in a shallow clone and on a detached HEAD.
 * Throws CodedError `not-a-repository` or `no-commit`, `missing-tool` where git itself is not installed.
 */
export async function readVersion(directory: string): Promise<Version> {
  const [described, changes] = await Promise.all([
    git(directory, ['show', '--no-patch', '--no-show-signature', '--format=%H %h %ct', 'HEAD']),
    git(directory, ['status', '--porcelain'])
  ])
  const parts = /^([0-9a-f]+) ([0-9a-f]+) (\d+)$/.exec(described ?? '')
  if (parts === null || changes === undefined) throw await whyNot(directory)
  const [, fullSha = '', sha = '', seconds] = parts
  return {
    sha,
    fullSha,
    dirty: changes !== '',
    committedAt: new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z')
  }
}

/** What is wrong with a folder whose commit git did not tell. */
async function whyNot(directory: string): Promise<CodedError> {
  if ((await git(directory, ['rev-parse', '--is-inside-work-tree'])) !== 'true')
    return new CodedError('not-a-repository', `${directory} is not the work tree of a git repository`, {
      remedy: 'Run inside a clone of the project, or `git init` and commit first: the version is the commit.'
    })
  const fullSha = await git(directory, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])
  if (fullSha === undefined)
    return new CodedError('no-commit', `the repository at ${directory} has no commit yet`, {
      remedy: 'Commit first (`git add . && git commit`): the version is the commit.'
    })
  return new CodedError('internal', `git could not describe HEAD (${fullSha}) in ${directory}`, {
    remedy: 'Run `git status` and `git show HEAD` there and mend what they report.'
  })
}

/** The image tag of a version: `<sha>`, or `<sha>-dirty` for an uncommitted tree. */
export function versionTag(version: Pick<Version, 'sha' | 'dirty'>): string {
  return version.dirty ? `${version.sha}-dirty` : version.sha
}

/** Whether two versions are the same commit, by full SHA, and agree on whether the tree is committed. */
export function sameVersion(
  a: Pick<Version, 'fullSha' | 'dirty'>,
  b: Pick<Version, 'fullSha' | 'dirty'>
): boolean {
  return a.fullSha === b.fullSha && a.dirty === b.dirty
}

const run = promisify(execFile)

/** What git prints, trimmed; undefined where it refuses. */
async function git(directory: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await run('git', ['-C', directory, ...args], { env: process.env, maxBuffer: Infinity })
    return stdout.trim()
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
    if (code === 'ENOENT')
      throw new CodedError('missing-tool', 'git is not installed or not on the PATH', {
        remedy: 'Install git (Debian: apt-get install git).'
      })
    if (typeof code === 'number') return undefined
    throw error
  }
}
