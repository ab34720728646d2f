import { describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readVersion, sameVersion, versionTag } from './version.ts'

const run = promisify(execFile)

async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const identity = [
    '-c',
    'user.name=Test',
    '-c',
    'user.email=test@example.org',
    '-c',
    'protocol.file.allow=always'
  ]
  const { stdout } = await run('git', ['-C', folder, ...identity, ...args], {
    env: { ...process.env, GIT_COMMITTER_DATE: '2026-01-02T03:04:05+05:00' }
  })
  return stdout.trim()
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'fast-mcp-version-')))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Does the work in a repository with two commits. */
function inRepository<T>(work: (folder: string) => Promise<T>): Promise<T> {
  return inFolder(async (folder) => {
    await git(folder, 'init', '-q')
    await writeFile(join(folder, '.gitignore'), 'dist\n')
    await writeFile(join(folder, 'a'), 'one')
    await git(folder, 'add', '.')
    await git(folder, 'commit', '-q', '-m', 'one')
    await writeFile(join(folder, 'a'), 'two')
    await git(folder, 'commit', '-q', '-a', '-m', 'two')
    return work(folder)
  })
}

describe('the version', () => {
  test('is the commit: short SHA, full SHA and time in UTC', () =>
    inRepository(async (folder) => {
      expect(await readVersion(folder)).toEqual({
        sha: await git(folder, 'rev-parse', '--short', 'HEAD'),
        fullSha: await git(folder, 'rev-parse', 'HEAD'),
        dirty: false,
        committedAt: '2026-01-01T22:04:05Z'
      })
    }))

  test('is the same in a folder below, and does not see what git ignores', () =>
    inRepository(async (folder) => {
      const version = await readVersion(folder)
      await mkdir(join(folder, 'dist'))
      await writeFile(join(folder, 'dist', 'made'), '')
      expect(await readVersion(join(folder, 'dist'))).toEqual(version)
    }))

  test.each([
    ['a changed file', (folder: string) => writeFile(join(folder, 'a'), 'three')],
    ['a new file', (folder: string) => writeFile(join(folder, 'b'), '')],
    ['a deleted file', (folder: string) => rm(join(folder, 'a'))],
    [
      'a staged file',
      async (folder: string) => {
        await writeFile(join(folder, 'b'), '')
        await git(folder, 'add', 'b')
      }
    ]
  ])('is dirty with %s', (_, change) =>
    inRepository(async (folder) => {
      await change(folder)
      const version = await readVersion(folder)
      expect(version.dirty).toBe(true)
      expect(versionTag(version)).toBe(`${version.sha}-dirty`)
    })
  )

  test('works on a detached HEAD', () =>
    inRepository(async (folder) => {
      const first = await git(folder, 'rev-parse', 'HEAD~1')
      await git(folder, 'checkout', '-q', '--detach', first)
      expect(await readVersion(folder)).toMatchObject({ fullSha: first, dirty: false })
    }))

  test('works in a shallow clone', () =>
    inRepository((folder) =>
      inFolder(async (other) => {
        await git(other, 'clone', '-q', '--depth', '1', `file://${folder}`, 'clone')
        const clone = join(other, 'clone')
        expect(await git(clone, 'rev-parse', '--is-shallow-repository')).toBe('true')
        expect(await readVersion(clone)).toEqual(await readVersion(folder))
      })
    ))

  test('works in a second work tree of a repository', () =>
    inRepository((folder) =>
      inFolder(async (other) => {
        await git(folder, 'worktree', 'add', '-q', join(other, 'tree'), 'HEAD~1')
        expect((await readVersion(join(other, 'tree'))).fullSha).toBe(
          await git(folder, 'rev-parse', 'HEAD~1')
        )
      })
    ))

  test('works with a repository of SHA-256', () =>
    inFolder(async (folder) => {
      await git(folder, 'init', '-q', '--object-format=sha256')
      await git(folder, 'commit', '-q', '--allow-empty', '-m', 'one')
      expect((await readVersion(folder)).fullSha).toMatch(/^[0-9a-f]{64}$/)
    }))
})

describe('there is no version', () => {
  test('where there is no repository', () =>
    inFolder(async (folder) => {
      await expect(readVersion(folder)).rejects.toMatchObject({
        code: 'not-a-repository',
        exitCode: 2,
        message: `${folder} is not the work tree of a git repository`
      })
    }))

  test('in a bare repository, or in .git itself', () =>
    inFolder(async (folder) => {
      await git(folder, 'init', '-q', '--bare')
      await expect(readVersion(folder)).rejects.toMatchObject({ code: 'not-a-repository' })
    }))

  test('where the folder does not exist', () =>
    inFolder(async (folder) => {
      await expect(readVersion(join(folder, 'none'))).rejects.toMatchObject({ code: 'not-a-repository' })
    }))

  test('before the first commit', () =>
    inFolder(async (folder) => {
      await git(folder, 'init', '-q')
      await expect(readVersion(folder)).rejects.toMatchObject({ code: 'no-commit', exitCode: 2 })
    }))

  test('where HEAD points at a commit that is not there', () =>
    inRepository(async (folder) => {
      await writeFile(join(folder, '.git', 'HEAD'), `${'1'.repeat(40)}\n`)
      await expect(readVersion(folder)).rejects.toMatchObject({ code: 'no-commit' })
    }))

  test('where the index is damaged', () =>
    inRepository(async (folder) => {
      await writeFile(join(folder, '.git', 'index'), 'damaged')
      await expect(readVersion(folder)).rejects.toMatchObject({
        code: 'internal',
        remedy: expect.stringContaining('git status')
      })
    }))

  test('where git is not installed', () =>
    inRepository(async (folder) => {
      const path = process.env['PATH']
      try {
        process.env['PATH'] = join(folder, 'nothing')
        await expect(readVersion(folder)).rejects.toMatchObject({ code: 'missing-tool', exitCode: 2 })
      } finally {
        process.env['PATH'] = path
      }
    }))
})

describe('two versions', () => {
  const version = { fullSha: 'a'.repeat(40), dirty: false }
  test.each([
    ['the same', { ...version }, true],
    ['of another commit', { ...version, fullSha: `${'a'.repeat(39)}b` }, false],
    ['with uncommitted changes', { ...version, dirty: true }, false]
  ])('are equal: %s', (_, other, same) => {
    expect(sameVersion(version, other)).toBe(same)
  })
})

test('the tag of a version is its short SHA', () => {
  expect(versionTag({ sha: '1a2b3c4', dirty: false })).toBe('1a2b3c4')
})

test('a link to the repository is the repository', () =>
  inRepository((folder) =>
    inFolder(async (other) => {
      await symlink(folder, join(other, 'link'))
      expect(await readVersion(join(other, 'link'))).toEqual(await readVersion(folder))
    })
  ))
