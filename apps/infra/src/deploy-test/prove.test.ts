import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readRecord, type PhaseRecord } from '@fast-mcp/validation'
import { readVersion, type Version } from '@fast-mcp/versioning'
import { commit, initRepository, writeCatalog } from '../../test/git-workspace.ts'
import { LocalWorkspace, quickTemplate as template } from '../../test/local-workspace.ts'
import { configPath, writeConfigFile } from '../config-file.ts'
import type { DeployRequest } from '../target.ts'
import { ensureCertificate } from '../targets/local/certificate/ensure.ts'
import { prove } from './prove.ts'

let workspace: LocalWorkspace
let version: Version
let request: DeployRequest

beforeAll(async () => {
  workspace = await LocalWorkspace.create()
  version = await initRepository(workspace.folder)
  const { image } = workspace.request('a')
  workspace.engine.publish(image.reference, { revision: version.fullSha, mode: 'good' })
  request = { version, image, template }
  await writeCatalog(workspace.folder, version, image)
})

afterAll(async () => {
  await workspace.end()
})

function attempt(): Promise<PhaseRecord> {
  return prove({
    workspace: workspace.folder,
    target: workspace.target(),
    version,
    image: request.image,
    signal: new AbortController().signal,
    json: true,
    terminal: { write: () => true }
  })
}

/** A .config for this version, with another authority. */
async function writeConfig(authority: string): Promise<void> {
  await writeConfigFile(join(workspace.folder, configPath), {
    MCP_ENDPOINT: `https://localhost:${workspace.port}/mcp`,
    CA_CERTIFICATE: authority,
    REVISION: version.fullSha,
    IMAGE_DIGEST: request.image.digest
  })
}

/** Runs the checks; the tasks here are no MCP servers, so the phase as a whole fails. */
async function statuses(): Promise<Readonly<Record<string, string>>> {
  await expect(attempt()).rejects.toMatchObject({ code: 'check-failed' })
  const record = await readRecord(workspace.folder, 'deploy')
  return Object.fromEntries((record?.checks ?? []).map(({ id, status }) => [id, status]))
}

/* One deployment that is damaged more and more; the tests build on each other. */
describe('prove', () => {
  test('of nothing says that nothing is deployed', async () => {
    await expect(attempt()).rejects.toMatchObject({ code: 'not-deployed' })
  })

  test('passes what holds, fails what does not, and leaves out what is of AWS', async () => {
    const { outputs } = await workspace.target().deploy(request)
    await writeConfigFile(join(workspace.folder, configPath), outputs)
    expect(await statuses()).toEqual({
      'deploy.input': 'passed',
      'deploy.resources': 'passed',
      'deploy.config': 'passed',
      'deploy.digest': 'passed',
      'deploy.service-tag': 'passed',
      'deploy.service-running': 'passed',
      'deploy.tasks-healthy': 'passed',
      'deploy.targets-healthy': 'passed',
      'deploy.monitoring': 'passed',
      'deploy.rollback': 'not-applicable',
      'deploy.endpoint': 'passed',
      'deploy.certificate': 'passed',
      'deploy.version': 'passed',
      'deploy.methods': 'failed',
      'deploy.tools': 'failed',
      'deploy.latency': 'not-run',
      'deploy.logs': 'not-run',
      'deploy.credentials': 'not-applicable',
      'deploy.stack': 'not-applicable',
      'deploy.metrics': 'not-applicable',
      'deploy.access-logs': 'not-applicable'
    })
  })

  test('keeps with the version that its checks failed', async () => {
    expect(await workspace.target().status()).toMatchObject({ history: [{ proof: 'failed' }] })
  })

  test('sees tasks that serve another commit than HEAD', async () => {
    await commit(workspace.folder, 'second')
    version = await readVersion(workspace.folder)
    await writeCatalog(workspace.folder, version, request.image)
    expect(await statuses()).toMatchObject({ 'deploy.config': 'failed', 'deploy.endpoint': 'not-run' })
    await writeConfig('.local/deployment/ca/ca.pem')
    expect(await statuses()).toMatchObject({
      'deploy.config': 'passed',
      'deploy.version': 'failed',
      'deploy.service-tag': 'failed'
    })
  })

  test('does not take a certificate of another authority', async () => {
    await writeConfig('other/ca.pem')
    const other = join(workspace.folder, 'other')
    const paths = {
      authority: `${other}/ca.pem`,
      authorityKey: `${other}/key.pem`,
      leaf: `${other}/leaf.pem`
    }
    await ensureCertificate(paths, 'other')
    expect(await statuses()).toMatchObject({
      'deploy.config': 'passed',
      'deploy.certificate': 'failed',
      'deploy.endpoint': 'failed'
    })
  })

  test('sees a task that is dead', async () => {
    process.kill(workspace.engine.pids[0] ?? 0, 'SIGKILL')
    await sleep(100)
    expect(await statuses()).toMatchObject({
      'deploy.service-running': 'failed',
      'deploy.tasks-healthy': 'not-run',
      'deploy.targets-healthy': 'not-run'
    })
  })

  test('sees that .config is gone', async () => {
    await rm(join(workspace.folder, configPath))
    expect(await statuses()).toMatchObject({ 'deploy.config': 'failed' })
  })
})
