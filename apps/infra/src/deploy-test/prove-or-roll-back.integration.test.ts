import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { join } from 'node:path'
import { contracts, readRecord, type PhaseRecord, type Probe } from '@fast-mcp/validation'
import { readVersion } from '@fast-mcp/versioning'
import { commit, initRepository, writeCatalog } from '../../test/git-workspace.ts'
import { LocalWorkspace } from '../../test/local-workspace.ts'
import { configPath, readConfigFile, writeConfigFile } from '../config-file.ts'
import type { DeployRequest } from '../target.ts'
import { proveOrRollBack } from './prove-or-roll-back.ts'

let workspace: LocalWorkspace

beforeEach(async () => {
  workspace = await LocalWorkspace.create()
  await initRepository(workspace.folder)
})

afterEach(async () => {
  await workspace.end()
})

/** Makes HEAD live with the image of a digit, as deploy does. */
async function deployHead(digit: string): Promise<DeployRequest> {
  const version = await readVersion(workspace.folder)
  const request = { ...workspace.request(digit), version }
  workspace.engine.publish(request.image.reference, { revision: version.fullSha, mode: 'good' })
  await writeCatalog(workspace.folder, version, request.image)
  const { outputs } = await workspace.target().deploy(request)
  await writeConfigFile(join(workspace.folder, configPath), outputs)
  return request
}

/** The checks, all of which find what is given. */
function attempt(
  { version, image }: DeployRequest,
  status: 'passed' | 'failed',
  target = workspace.target()
): Promise<PhaseRecord> {
  // A version that serves again after this one has nothing wrong.
  const probe: Probe = async () => ({
    status: (await served()) === version.fullSha ? status : 'passed',
    evidence: 'tools/list gave 500'
  })
  return proveOrRollBack({
    workspace: workspace.folder,
    target,
    version,
    image,
    signal: new AbortController().signal,
    json: true,
    probes: Object.fromEntries(
      contracts.deploy.filter(({ targets }) => targets === undefined).map(({ id }) => [id, probe])
    ),
    terminal: { write: () => true }
  })
}

async function served(): Promise<string> {
  return (await workspace.get('/health')).revision
}

describe('a new version that fails its checks', () => {
  test('is taken back: the one before serves again, .config names it, the record keeps what failed', async () => {
    const first = await deployHead('a')
    await attempt(first, 'passed')
    await commit(workspace.folder, 'second')
    const second = await deployHead('b')
    expect(await served()).toBe(second.version.fullSha)
    const lastLines = /tools\/list gave 500[^]*the last log lines of the tasks:\nmcp-[^]*"http":"GET"/
    await expect(attempt(second, 'failed')).rejects.toMatchObject({
      code: 'check-failed',
      evidence: expect.stringMatching(lastLines),
      message: expect.stringContaining(
        `${second.version.sha} was taken back, ${first.version.sha} serves again and passes its checks`
      )
    })
    expect(await served()).toBe(first.version.fullSha)
    expect(await readConfigFile(join(workspace.folder, configPath))).toMatchObject({
      REVISION: first.version.fullSha
    })
    expect(await readRecord(workspace.folder, 'deploy')).toMatchObject({
      passed: false,
      version: second.version,
      checks: expect.arrayContaining([
        expect.objectContaining({ status: 'failed', evidence: expect.stringMatching(lastLines) })
      ])
    })
    expect(await workspace.target().status()).toMatchObject({
      state: 'healthy',
      history: [{ version: first.version }, { version: second.version, proof: 'failed' }]
    })
  })

  test('is taken back though the disk is full and the failure cannot be kept with it', async () => {
    const first = await deployHead('a')
    await attempt(first, 'passed')
    await commit(workspace.folder, 'second')
    const second = await deployHead('b')
    const target = workspace.target()
    target.recordProof = () => Promise.reject(new Error('ENOSPC: no space left on device'))
    await expect(attempt(second, 'failed', target)).rejects.toMatchObject({
      code: 'check-failed',
      message: expect.stringContaining('was taken back'),
      evidence: expect.stringContaining('could not be kept with the version: ENOSPC')
    })
    expect(await served()).toBe(first.version.fullSha)
  })

  test('stays where the one before never passed: nobody knows that it is better', async () => {
    await deployHead('a')
    await commit(workspace.folder, 'second')
    const second = await deployHead('b')
    await expect(attempt(second, 'failed')).rejects.toMatchObject({
      message: expect.not.stringContaining('taken back')
    })
    expect(await served()).toBe(second.version.fullSha)
  })

  test('stays where it is the first one, to be looked at', async () => {
    const first = await deployHead('a')
    await expect(attempt(first, 'failed')).rejects.toMatchObject({
      message: expect.not.stringContaining('taken back')
    })
    expect(await served()).toBe(first.version.fullSha)
  })
})

describe('a version that passed its checks once', () => {
  test('stays when they fail later: it is not what changed', async () => {
    await attempt(await deployHead('a'), 'passed')
    await commit(workspace.folder, 'second')
    const second = await deployHead('b')
    await attempt(second, 'passed')
    await expect(attempt(second, 'failed')).rejects.toMatchObject({ code: 'check-failed' })
    expect(await served()).toBe(second.version.fullSha)
  })

  test('keeps that when a task of it is replaced', async () => {
    const first = await deployHead('a')
    await attempt(first, 'passed')
    process.kill(workspace.engine.pids[0] ?? 0, 'SIGKILL')
    await workspace.target().deploy(first)
    expect(await workspace.target().status()).toMatchObject({
      state: 'healthy',
      history: [{ proof: 'passed' }]
    })
  })
})
