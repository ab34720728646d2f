import { describe, expect, test } from '@jest/globals'
import { writeRecord } from '@fast-mcp/validation/test/write-record.ts'
import { readOciArchive, scanLayers } from '@fast-mcp/containers'
import { installScript } from '@fast-mcp/containers/stand-in'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inImageWorkspace } from '../../test/image-workspace.ts'
import { write } from '../../test/workspace.ts'
import { container } from './container.ts'
import { archiveFile, imageRecordFile, readImageRecord } from './image-record.ts'

const run = promisify(execFile)

describe.each(['podman', 'docker'] as const)('building the image with %s', (kind) => {
  test('gives an archive of this commit, and says what it is', async () => {
    await inImageWorkspace(
      async ({ folder, version, options, text, calls }) => {
        const record = await container(options)
        const archive = await readOciArchive(join(folder, archiveFile))
        expect(record).toMatchObject({
          reference: `quilt-mcp:${version.sha}`,
          revision: version.fullSha,
          imageId: archive.imageId,
          manifestDigest: archive.manifestDigest,
          engine: kind
        })
        expect(record.layers).toHaveLength(2)
        expect(archive.referenceName).toBe(`quilt-mcp:${version.sha}`)
        expect(archive.config.created).toBe(new Date(version.committedAt).toISOString())
        expect(await readImageRecord(folder)).toEqual(record)
        expect(text()).toMatch(
          /^image quilt-mcp:\w+: sha256:\w+, .* MB unpacked, .* built by (?:podman|docker) 9\.9\.9/
        )
        const files: string[] = []
        await scanLayers(archive, ({ path, type }) => void (type === 'file' && files.push(path)))
        expect(files.sort()).toEqual([
          'app/THIRD-PARTY-NOTICES.txt',
          'app/chunks/quilt-worker.js',
          'app/main.js',
          'app/package.json',
          'app/sample/readme.md',
          'etc/' + (kind === 'podman' ? 'os-release' : 'base')
        ])
        expect(
          (await readdir(join(folder, '.local'))).filter((name) => name.startsWith('container-'))
        ).toEqual([])
        const build = (await calls()).find((call) => call.includes('build'))
        const expected =
          kind === 'podman'
            ? ['--timestamp', '--layers=false', '--identity-label=false', '--no-cache', '--signature-policy']
            : ['--no-cache', '--provenance', `REVISION=${version.fullSha}`, '--builder']
        for (const word of expected) expect(build).toContain(word)
      },
      { kind }
    )
  })

  test('gives the same image twice', async () => {
    await inImageWorkspace(
      async ({ options }) => {
        const first = await container(options)
        expect((await container(options)).imageId).toBe(first.imageId)
      },
      { kind }
    )
  })
})

describe('building the image', () => {
  test('takes a base image that is pulled', async () => {
    await inImageWorkspace(async ({ folder, options, calls }) => {
      await write(folder, { 'dist/base-image/base.json': { kind: 'pulled', reference: 'node:24' } })
      await container(options)
      expect((await calls()).find((call) => call.includes('build'))).toContain('BASE=node:24')
    })
  })

  test('does not start before phase app passed for this commit', async () => {
    await inImageWorkspace(async ({ folder, version, options, calls }) => {
      await rm(join(folder, 'dist/phases'), { recursive: true })
      await expect(container(options)).rejects.toMatchObject({
        code: 'record-missing',
        remedy: expect.stringContaining('make app')
      })
      await writeRecord(folder, 'app', { ...version, fullSha: '0'.repeat(40) }, [])
      await expect(container(options)).rejects.toMatchObject({ code: 'record-of-other-commit' })
      expect(existsSync(join(folder, 'dist/container'))).toBe(false)
      await expect(calls()).rejects.toMatchObject({ code: 'ENOENT' })
    })
  })

  test('does not start without a base image or without the built server', async () => {
    await inImageWorkspace(async ({ folder, options }) => {
      await rm(join(folder, 'dist/apps/mcp-server/sample'), { recursive: true })
      await expect(container(options)).rejects.toMatchObject({
        code: 'output-missing',
        message: expect.stringContaining('sample')
      })
      await rm(join(folder, 'dist/base-image'), { recursive: true })
      await expect(container(options)).rejects.toMatchObject({
        code: 'output-missing',
        message: expect.stringContaining('base image')
      })
    })
  })

  test('takes no link out of the folder of the server', async () => {
    await inImageWorkspace(async ({ folder, options }) => {
      await symlink('/etc/passwd', join(folder, 'dist/apps/mcp-server/sample/link'))
      await expect(container(options)).rejects.toMatchObject({ code: 'output-changed' })
    })
  })

  test('says that there is no engine', async () => {
    await inImageWorkspace(async ({ standIns, options }) => {
      const { stdout } = await run('sh', ['-c', 'command -v git'])
      await mkdir(join(standIns, 'git'))
      await symlink(stdout.trim(), join(standIns, 'git', 'git'))
      process.env['PATH'] = join(standIns, 'git')
      await expect(container(options)).rejects.toMatchObject({ code: 'engine-unavailable' })
    })
  })

  test('shows the log of a build that failed, and keeps the image of before', async () => {
    await inImageWorkspace(async ({ folder, standIns, options }) => {
      await write(folder, { [archiveFile]: 'of before' })
      await writeFile(join(standIns, 'fail'), 'build: COPY failed: no space left on device\n')
      await expect(container(options)).rejects.toMatchObject({
        code: 'step-failed',
        evidence: expect.stringContaining('no space left on device')
      })
      expect(await readFile(join(folder, archiveFile), 'utf8')).toBe('of before')
    })
  })

  test('refuses an image that carries another commit', async () => {
    await inImageWorkspace(async ({ folder, standIns, options }) => {
      const real = join(standIns, 'bin', 'podman')
      const wrapped = (await readFile(real, 'utf8')).replace(
        'exec ',
        'old=0; for word; do shift; case "$word" in REVISION=*) word=REVISION=old;; esac; set -- "$@" "$word"; done\nexec '
      )
      await installScript(standIns, 'podman', wrapped.replace('#!/bin/sh\n', ''))
      await expect(container(options)).rejects.toMatchObject({
        code: 'version-mismatch',
        evidence: expect.stringContaining('label old')
      })
      expect(existsSync(join(folder, archiveFile))).toBe(false)
    })
  })

  test('an interrupt ends it', async () => {
    await inImageWorkspace(async ({ folder, standIns, options }) => {
      await write(folder, { 'dist/base-image/base.json': { kind: 'pulled', reference: 'node:24' } })
      const abort = new AbortController()
      await installScript(
        standIns,
        'podman',
        'case "$1" in build) exec sleep 30;; *) echo podman version 9.9.9;; esac'
      )
      const building = container({ ...options, signal: abort.signal })
      const log = join(folder, 'dist/container/build.log')
      const poll = setInterval(() => {
        if (!existsSync(log)) return
        clearInterval(poll)
        abort.abort(new Error('enough'))
      }, 50)
      await expect(building).rejects.toThrow('enough')
    })
  })
})

describe('the record of the image', () => {
  test('that is not there, or is not one, is named', async () => {
    await inImageWorkspace(async ({ folder }) => {
      await expect(readImageRecord(folder)).rejects.toMatchObject({ code: 'output-missing' })
      await write(folder, { [imageRecordFile]: '{' })
      await expect(readImageRecord(folder)).rejects.toMatchObject({ code: 'output-changed' })
    })
  })
})
