import { CodedError } from '@fast-mcp/errors'
import { describe, expect, test } from '@jest/globals'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { inFolder, version } from '../../test/workspace.ts'
import { fileDigest, folderDigest } from './digest.ts'
import type { PhaseRecord } from './phase-record.ts'
import { readRecord, recordPath, requireRecord } from './read-record.ts'
import { writeAtomically } from './write-atomically.ts'

const record: PhaseRecord = {
  format: 1,
  phase: 'app',
  target: 'local',
  version,
  startedAt: '2026-01-02T03:04:05.678Z',
  finishedAt: '2026-01-02T03:05:05.678Z',
  durationMs: 60_000,
  passed: true,
  inputs: [],
  outputs: [],
  checks: [{ id: 'app.lint', title: 'Lint', status: 'passed', evidence: '8 projects', durationMs: 3 }]
}

async function write(workspace: string, content: unknown): Promise<void> {
  const path = recordPath(workspace, 'app')
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
}

async function refusal(workspace: string): Promise<CodedError> {
  const error: unknown = await requireRecord(workspace, 'app', version).then(
    () => 'accepted',
    (thrown: unknown) => thrown
  )
  if (error instanceof CodedError) return error
  throw new Error(`expected a CodedError, got ${String(error)}`)
}

describe('a record', () => {
  test('is read as it was written', () =>
    inFolder(async (workspace) => {
      await write(workspace, { ...record, details: { layers: [1] } })
      expect(await readRecord(workspace, 'app')).toEqual({ ...record, details: { layers: [1] } })
    }))

  test('is undefined where there is none', () =>
    inFolder(async (workspace) => {
      expect(await readRecord(workspace, 'app')).toBeUndefined()
    }))

  const artifact = { name: 'server', kind: 'folder', digest: `sha256:${'0'.repeat(64)}` }
  test.each([
    ['empty', ''],
    ['cut off', JSON.stringify(record).slice(0, 100)],
    ['a list', []],
    ['null', null],
    ['of a later format', { ...record, format: 2 }],
    ['of another phase', { ...record, phase: 'build' }],
    ['of an unknown phase', { ...record, phase: 'sell' }],
    ['without a version', { ...record, version: undefined }],
    ['without outputs', { ...record, outputs: undefined }],
    ['with a short full SHA', { ...record, version: { ...version, fullSha: '1a2b3c4' } }],
    ['with "passed" as text', { ...record, passed: 'true' }],
    ['with an unknown status', { ...record, checks: [{ ...record.checks[0], status: 'fine' }] }],
    ['with a negative time', { ...record, durationMs: -1 }],
    ['with an output without a digest', { ...record, outputs: [{ ...artifact, location: 'x', digest: '' }] }],
    [
      'with an output outside the workspace',
      { ...record, outputs: [{ ...artifact, location: 'x/../../y' }] }
    ],
    ['with an output at an absolute path', { ...record, outputs: [{ ...artifact, location: '/etc' }] }]
  ])('is refused where it is %s', (_, content) =>
    inFolder(async (workspace) => {
      await write(workspace, content)
      await expect(readRecord(workspace, 'app')).rejects.toMatchObject({ code: 'record-invalid' })
      expect(await refusal(workspace)).toMatchObject({
        code: 'record-invalid',
        exitCode: 2,
        remedy: 'Run `make app`, which writes it again.'
      })
    })
  )

  test('that cannot be read for another reason is not taken for missing', () =>
    inFolder(async (workspace) => {
      await mkdir(recordPath(workspace, 'app'), { recursive: true })
      await expect(readRecord(workspace, 'app')).rejects.toThrow()
    }))
})

describe('what the next phase requires', () => {
  test('is a record that passed for the same commit, with its outputs as they were', () =>
    inFolder(async (workspace) => {
      await mkdir(join(workspace, 'dist', 'server'), { recursive: true })
      await writeFile(join(workspace, 'dist', 'server', 'main.js'), 'server')
      const outputs = [
        {
          name: 'server',
          kind: 'folder' as const,
          location: 'dist/server',
          digest: await folderDigest(join(workspace, 'dist', 'server'))
        },
        {
          name: 'main',
          kind: 'file' as const,
          location: 'dist/server/main.js',
          digest: await fileDigest(join(workspace, 'dist', 'server', 'main.js'))
        },
        {
          name: 'image',
          kind: 'image' as const,
          location: 'quilt-mcp:1a2b3c4',
          digest: `sha256:${'a'.repeat(64)}`
        }
      ]
      await write(workspace, { ...record, outputs })
      expect((await requireRecord(workspace, 'app', version)).outputs).toEqual(outputs)

      await writeFile(join(workspace, 'dist', 'server', 'main.js'), 'tampered')
      expect(await refusal(workspace)).toMatchObject({ code: 'output-changed' })
      expect((await refusal(workspace)).evidence).toMatch(/^recorded sha256:\w+\nfound {4}sha256:\w+$/)

      await rm(join(workspace, 'dist', 'server'), { recursive: true })
      expect(await refusal(workspace)).toMatchObject({
        code: 'output-missing',
        message: 'dist/server, made by phase app, is not there',
        remedy: 'Run `make app`, which makes it again.'
      })

      await writeFile(join(workspace, 'dist', 'server'), 'a file now')
      expect(await refusal(workspace)).toMatchObject({ code: 'output-missing' })
    }))

  test('is missed where there is no record', () =>
    inFolder(async (workspace) => {
      expect(await refusal(workspace)).toMatchObject({
        code: 'record-missing',
        remedy: 'Run `make app` first.'
      })
    }))

  test('is not the record of another commit', () =>
    inFolder(async (workspace) => {
      const fullSha = version.fullSha.replace(/.$/, '1')
      await write(workspace, { ...record, version: { ...version, fullSha } })
      const error = await refusal(workspace)
      expect(error).toMatchObject({ code: 'record-of-other-commit', remedy: 'Run `make app` first.' })
      expect(error.evidence).toBe(`recorded ${fullSha}\nexpected ${version.fullSha}`)
    }))

  test('is not the record of the same commit with uncommitted changes', () =>
    inFolder(async (workspace) => {
      await write(workspace, { ...record, version: { ...version, dirty: true } })
      expect(await refusal(workspace)).toMatchObject({
        code: 'record-of-other-commit',
        message: 'the record of phase app is of 1a2b3c4-dirty, expected 1a2b3c4'
      })
    }))

  test('is not a record of a phase that failed, and it says what failed', () =>
    inFolder(async (workspace) => {
      const checks = [
        { id: 'app.lint', title: 'Lint', status: 'failed', evidence: '3 faults', remedy: 'x', durationMs: 1 },
        { id: 'app.tools', title: 'Tools', status: 'not-run', evidence: 'comes after', durationMs: 0 },
        ...record.checks
      ]
      await write(workspace, { ...record, passed: false, checks })
      expect(await refusal(workspace)).toMatchObject({
        code: 'record-failed',
        evidence: 'app.lint: 3 faults\napp.tools: comes after'
      })
    }))
})

describe('writing', () => {
  test('makes the folder and leaves nothing beside the file', () =>
    inFolder(async (folder) => {
      await writeAtomically(join(folder, 'a', 'b.json'), 'one')
      await writeAtomically(join(folder, 'a', 'b.json'), 'two')
      expect(await readdir(join(folder, 'a'))).toEqual(['b.json'])
    }))

  test('that fails leaves nothing beside the file either', () =>
    inFolder(async (folder) => {
      await mkdir(join(folder, 'taken', 'by a folder'), { recursive: true })
      await expect(writeAtomically(join(folder, 'taken'), 'x')).rejects.toThrow()
      expect(await readdir(folder)).toEqual(['taken'])
    }))
})
