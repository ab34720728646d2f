import { folderDigest, readRecord, writeAtomically, type PhaseRecord } from '@fast-mcp/validation'
import { describe, expect, test } from '@jest/globals'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { phaseRecord } from '../../test/report-data.ts'
import { inRepository, keepText, write } from '../../test/workspace.ts'
import { readVersion } from '@fast-mcp/versioning'
import { appPhase } from './app-phase.ts'
import { sourcesArtifact } from './sources.ts'

const files = {
  'package.json': { workspaces: ['libs/*'] },
  'libs/one/src/one.ts': 'export const one = 1\n',
  'dist/apps/mcp-server/main.js': 'server',
  'node_modules/.bin/nx': '#!/bin/sh\necho nothing to run\n'
}

async function run(
  workspace: string,
  changes: { environment?: Record<string, string>; again?: boolean } = {}
) {
  await chmod(join(workspace, 'node_modules/.bin/nx'), 0o755)
  const kept = keepText()
  const result = await appPhase({
    workspace,
    environment: {},
    signal: new AbortController().signal,
    write: kept.write,
    json: false,
    again: false,
    ...changes
  }).then(
    (record) => ({ record, error: undefined }),
    (error: unknown) => ({ record: undefined, error })
  )
  return { ...result, text: kept.text() }
}

/** Writes a record that stands: of this version, these sources, this output. */
async function passed(workspace: string): Promise<PhaseRecord> {
  const location = 'dist/apps/mcp-server'
  const digest = await folderDigest(join(workspace, location))
  const record = phaseRecord('app', {
    version: await readVersion(workspace),
    inputs: [await sourcesArtifact(workspace)],
    outputs: [{ name: 'server', kind: 'folder', location, digest }]
  })
  await writeAtomically(join(workspace, 'dist/phases/app.json'), JSON.stringify(record))
  return record
}

describe('phase app', () => {
  test('checks everything and records what failed', () =>
    inRepository(files, async (workspace) => {
      const { error, text } = await run(workspace)
      expect(error).toMatchObject({ code: 'check-failed' })
      expect(text).toMatch(/^phase app \w+, target local\n/)
      expect(text).toContain('✓ app.imports')
      expect(text).toContain('✗ app.startup')
      const record = await readRecord(workspace, 'app')
      expect(record).toMatchObject({ passed: false, inputs: [{ name: 'sources' }], outputs: [] })
    }))

  test('has nothing to do where its record stands', () =>
    inRepository(files, async (workspace) => {
      const record = await passed(workspace)
      const { record: standing, text } = await run(workspace)
      expect(standing).toEqual(record)
      expect(text).toMatch(/^phase app \w+: nothing to do/)
    }))

  test.each<readonly [string, Readonly<Record<string, string>>, Parameters<typeof run>[1]]>([
    ['it is asked to', {}, { again: true }],
    ['the target is another one', {}, { environment: { ECR_REGISTRY: 'registry.example.org' } }],
    ['the output changed', { 'dist/apps/mcp-server/main.js': 'other' }, {}],
    ['a source changed', { 'libs/one/src/one.ts': 'export const one = 2\n' }, {}]
  ])('checks again where %s', (_, changes, options) =>
    inRepository(files, async (workspace) => {
      await passed(workspace)
      await write(workspace, changes)
      expect((await run(workspace, options)).error).toMatchObject({ code: 'check-failed' })
    })
  )

  test('checks again where the sources of a dirty tree are others than before', () =>
    inRepository({ ...files, 'node_modules/x': '' }, async (workspace) => {
      await write(workspace, { 'libs/one/src/one.ts': 'export const one = 2\n' })
      await passed(workspace)
      expect((await run(workspace)).error).toBeUndefined()
      await write(workspace, { 'libs/one/src/one.ts': 'export const one = 3\n' })
      expect((await run(workspace)).error).toMatchObject({ code: 'check-failed' })
    }))

  test('refuses an environment that is not valid before it does anything', () =>
    inRepository(files, async (workspace) => {
      const { error } = await run(workspace, { environment: { ECR_REGISTRY: 'https://x' } })
      expect(error).toMatchObject({ code: 'invalid-environment' })
      expect(await readRecord(workspace, 'app')).toBeUndefined()
    }))
})
