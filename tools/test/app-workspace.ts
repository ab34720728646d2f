import { folderDigest, writeAtomically, type PhaseRecord } from '@fast-mcp/validation'
import { readVersion } from '@fast-mcp/versioning'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { appPhase } from '../src/app/app-phase.ts'
import { sourcesArtifact } from '../src/app/sources.ts'
import { phaseRecord } from './report-data.ts'
import { keepText } from './workspace.ts'

/** Files of a workspace whose Nx runs nothing. */
export const files = {
  'package.json': { workspaces: ['libs/*'] },
  'libs/one/src/one.ts': 'export const one = 1\n',
  'dist/apps/mcp-server/main.js': 'server',
  'node_modules/.bin/nx': '#!/bin/sh\necho nothing to run\n'
}

/** Runs the phase and gives what came of it. */
export async function run(
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
export async function passed(workspace: string): Promise<PhaseRecord> {
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
