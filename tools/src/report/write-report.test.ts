import type { Version } from '@fast-mcp/versioning'
import { readVersion } from '@fast-mcp/versioning'
import { describe, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { phaseRecord } from '../../test/report-data.ts'
import { fixtureMain, inRepository, write } from '../../test/workspace.ts'
import { startServer } from '../endpoint/server-process.ts'
import { reportPath, writeReport } from './write-report.ts'

const signal = new AbortController().signal
const workspaceFiles = {
  'package.json': { type: 'module', workspaces: ['libs/*'] },
  'libs/one/project.json': { name: 'one', targets: {} },
  'main.js': fixtureMain()
}

async function records(workspace: string, version: Version): Promise<void> {
  for (const phase of ['app', 'build', 'catalog', 'deploy'] as const)
    await write(workspace, { [`dist/phases/${phase}.json`]: phaseRecord(phase, { version }) })
}

describe('the report of a workspace', () => {
  test('says live where the phases passed and the endpoint serves the commit', () =>
    inRepository(workspaceFiles, async (workspace) => {
      const version = await readVersion(workspace)
      await records(workspace, version)
      await using server = await startServer({
        main: join(workspace, 'main.js'),
        environment: { QUILT_MCP_REVISION: version.fullSha },
        timeLimitMs: 10_000,
        signal
      })
      await write(workspace, { '.config': `MCP_ENDPOINT=${server.url}/mcp\n` })
      expect(await writeReport(workspace, signal)).toMatchObject({ live: true })
      const page = await readFile(join(workspace, reportPath), 'utf8')
      expect(page).toContain(`${version.sha} is live`)
      expect(page).toContain(`href="${server.url}/mcp"`)
      expect(page).toContain('prefers-color-scheme: dark')

      await server.stop()
      expect(await writeReport(workspace, signal)).toMatchObject({
        live: false,
        reason: expect.stringMatching(/does not answer as it should now: .*ECONNREFUSED/s)
      })
    }))

  test('says that nothing has run in a fresh clone', () =>
    inRepository(workspaceFiles, async (workspace) => {
      expect(await writeReport(workspace, signal)).toMatchObject({
        live: false,
        reason: 'Phase app has not run.'
      })
    }))

  test('says that nothing is deployed, or that .config names no endpoint', () =>
    inRepository(workspaceFiles, async (workspace) => {
      await records(workspace, await readVersion(workspace))
      expect((await writeReport(workspace, signal)).reason).toContain('nothing is deployed any more')
      await write(workspace, { '.config': 'VERSION=x\n' })
      expect((await writeReport(workspace, signal)).reason).toContain('cannot be asked. MCP_ENDPOINT')
      await write(workspace, { '.config': 'MCP_ENDPOINT=https://localhost:1/mcp\nCA_CERTIFICATE=gone.pem\n' })
      expect((await writeReport(workspace, signal)).reason).toContain('gone.pem')
    }))

  test.each([
    ['cut off', '{', 'cannot be read'],
    ['of another commit', phaseRecord('app'), 'Phase app last ran for 1a2b3c4'],
    ['with details of another form', phaseRecord('app', { details: { layers: 7 } }), 'cannot be read']
  ])('says what is wrong with a record %s', (_, record, reason) =>
    inRepository(workspaceFiles, async (workspace) => {
      await write(workspace, { 'dist/phases/app.json': record })
      expect((await writeReport(workspace, signal)).reason).toContain(reason)
    })
  )

  test('is not written after an interrupt', () =>
    inRepository(
      { ...workspaceFiles, '.config': 'MCP_ENDPOINT=http://127.0.0.1:1/mcp\n' },
      async (workspace) => {
        await expect(writeReport(workspace, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop')
      }
    ))
})
