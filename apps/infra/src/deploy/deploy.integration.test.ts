import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readRecord } from '@fast-mcp/validation'
import { readVersion, type Version } from '@fast-mcp/versioning'
import { commit, writeCatalog } from '../../test/git-workspace.ts'
import type { LocalWorkspace } from '../../test/local-workspace.ts'
import { pushedWorkspace } from '../../test/pushed-workspace.ts'
import { readConfigFile } from '../config-file.ts'
import type { PushedImage } from '../target.ts'
import { deploy } from './deploy.ts'

let workspace: LocalWorkspace
let version: Version
let image: PushedImage

beforeEach(async () => {
  ;({ workspace, version, image } = await pushedWorkspace())
})

afterEach(async () => {
  await workspace.end()
})

function run(): Promise<unknown> {
  return deploy(workspace.folder, workspace.target())
}

describe('deploy', () => {
  test('makes HEAD live by the digest that was pushed, and writes .config', async () => {
    await run()
    expect(await readConfigFile(join(workspace.folder, '.config'))).toEqual({
      TARGET: 'local',
      VERSION: version.sha,
      REVISION: version.fullSha,
      IMAGE_URI: image.reference,
      IMAGE_DIGEST: image.digest,
      MCP_ENDPOINT: `https://localhost:${workspace.port}/mcp`,
      LOAD_BALANCER_URL: `https://localhost:${workspace.port}/`,
      CA_CERTIFICATE: '.local/deployment/ca/ca.pem',
      CLUSTER_NAME: expect.stringMatching(/^Cluster/),
      SERVICE_NAME: expect.stringMatching(/^Service/),
      TARGET_GROUP: expect.stringMatching(/Group/),
      LOG_GROUP: '.local/deployment/logs'
    })
    expect(workspace.engine.pulled).toEqual([image.reference])
  })

  test('leaves .config alone where the rollout fails', async () => {
    await run()
    const before = await readFile(join(workspace.folder, '.config'), 'utf8')
    await commit(workspace.folder, 'second')
    const { image: broken } = workspace.request('b', 'crash')
    await writeCatalog(workspace.folder, await readVersion(workspace.folder), broken)
    await expect(run()).rejects.toMatchObject({ code: 'rollout-failed' })
    expect(await readFile(join(workspace.folder, '.config'), 'utf8')).toBe(before)
  })

  test('leaves a record that shows the last log lines of the tasks that failed', async () => {
    const { image: broken } = workspace.request('b', 'crash')
    await writeCatalog(workspace.folder, version, broken)
    await expect(run()).rejects.toMatchObject({ code: 'rollout-failed' })
    const record = await readRecord(workspace.folder, 'deploy')
    expect(record).toMatchObject({ passed: false, version, target: 'local' })
    const failed = record?.checks.filter(({ status }) => status === 'failed')
    expect(failed).toEqual([
      expect.objectContaining({
        id: 'deploy.service-running',
        evidence: expect.stringContaining('cannot open the registry: it is locked'),
        remedy: expect.stringContaining('log lines')
      })
    ])
  })
})
