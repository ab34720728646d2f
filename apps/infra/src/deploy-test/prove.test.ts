import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readRecord, type PhaseRecord } from '@fast-mcp/validation'
import type { Version } from '@fast-mcp/versioning'
import { initRepository, writeCatalog } from '../../test/git-workspace.ts'
import { LocalWorkspace, templateText } from '../../test/local-workspace.ts'
import { configPath, writeConfigFile } from '../config-file.ts'
import type { DeployRequest } from '../target.ts'
import { prove } from './prove.ts'

let template: string
let workspace: LocalWorkspace
let version: Version
let request: DeployRequest

beforeAll(() => {
  template = templateText()
})

beforeEach(async () => {
  workspace = await LocalWorkspace.create(template)
  version = await initRepository(workspace.folder)
  const { image } = workspace.request('a')
  workspace.engine.registry.set(image.reference, { revision: version.fullSha, mode: 'good' })
  request = { version, image, template }
  await writeCatalog(workspace.folder, version, image)
})

afterEach(async () => {
  await workspace.end()
})

async function deployed(): Promise<void> {
  const { outputs } = await workspace.target().deploy(request)
  await writeConfigFile(join(workspace.folder, configPath), outputs)
}

/** Runs the checks; the tasks here are no MCP servers, so the phase as a whole fails. */
async function statuses(): Promise<Readonly<Record<string, string>>> {
  const attempt = prove({
    workspace: workspace.folder,
    target: workspace.target(),
    version,
    image: request.image,
    signal: new AbortController().signal,
    json: true,
    terminal: { write: () => true }
  })
  await expect(attempt).rejects.toMatchObject({ code: 'check-failed' })
  const record: PhaseRecord | undefined = await readRecord(workspace.folder, 'deploy')
  return Object.fromEntries((record?.checks ?? []).map(({ id, status }) => [id, status]))
}

describe('prove', () => {
  test('passes what holds, fails what does not, and leaves out what is of AWS', async () => {
    await deployed()
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
      'deploy.rollback': 'passed',
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
    await deployed()
    await statuses()
    expect(await workspace.target().status()).toMatchObject({ history: [{ proof: 'failed' }] })
  })

  test('sees a task that is dead', async () => {
    await deployed()
    process.kill(workspace.engine.pids[0] ?? 0, 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect(await statuses()).toMatchObject({
      'deploy.service-running': 'failed',
      'deploy.tasks-healthy': 'not-run',
      'deploy.targets-healthy': 'not-run'
    })
  })

  test('sees tasks that serve another commit than HEAD', async () => {
    workspace.engine.registry.set(request.image.reference, { revision: 'f'.repeat(40), mode: 'good' })
    await deployed()
    expect(await statuses()).toMatchObject({ 'deploy.version': 'failed', 'deploy.service-tag': 'passed' })
  })

  test('sees a .config that names another digest', async () => {
    await deployed()
    await writeConfigFile(join(workspace.folder, configPath), {
      MCP_ENDPOINT: `https://localhost:${workspace.port}/mcp`,
      CA_CERTIFICATE: '.local/deployment/ca/ca.pem',
      REVISION: version.fullSha,
      IMAGE_DIGEST: `sha256:${'f'.repeat(64)}`
    })
    expect(await statuses()).toMatchObject({ 'deploy.config': 'failed', 'deploy.endpoint': 'not-run' })
  })

  test('sees that .config is gone', async () => {
    await deployed()
    await rm(join(workspace.folder, configPath))
    expect(await statuses()).toMatchObject({ 'deploy.config': 'failed' })
  })

  test('does not take a certificate of another authority', async () => {
    await deployed()
    const other = await LocalWorkspace.create(template)
    try {
      const { ensureCertificate } = await import('../targets/local/certificate/ensure.ts')
      await ensureCertificate(other.paths, 'other')
      await writeFile(workspace.paths.authority, await readText(other.paths.authority))
      expect(await statuses()).toMatchObject({ 'deploy.certificate': 'failed', 'deploy.endpoint': 'failed' })
    } finally {
      await other.end()
    }
  })

  test('of nothing says that nothing is deployed', async () => {
    const attempt = prove({
      workspace: workspace.folder,
      target: workspace.target(),
      version,
      image: request.image,
      signal: new AbortController().signal,
      json: true
    })
    await expect(attempt).rejects.toMatchObject({ code: 'not-deployed' })
  })
})

async function readText(path: string): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  return readFile(path, 'utf8')
}
