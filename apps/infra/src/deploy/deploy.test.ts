import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readRecord } from '@fast-mcp/validation'
import { readVersion, type Version } from '@fast-mcp/versioning'
import { commit, initRepository, writeCatalog } from '../../test/git-workspace.ts'
import { LocalWorkspace, quickTemplate as template } from '../../test/local-workspace.ts'
import { readConfigFile } from '../config-file.ts'
import { templatePath } from '../template-path.ts'
import type { PushedImage } from '../target.ts'
import { deploy } from './deploy.ts'

let workspace: LocalWorkspace
let version: Version
let image: PushedImage

beforeEach(async () => {
  workspace = await LocalWorkspace.create()
  version = await initRepository(workspace.folder)
  image = workspace.request('a').image
  await writeCatalog(workspace.folder, version, image)
  await mkdir(dirname(templatePath(workspace.folder)), { recursive: true })
  await writeFile(templatePath(workspace.folder), template)
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

describe('deploy does not start', () => {
  afterEach(() => {
    expect(workspace.engine.containers).toEqual([])
  })

  test('without the record of phase catalog', async () => {
    await rm(join(workspace.folder, 'dist/phases/catalog.json'))
    await expect(run()).rejects.toMatchObject({
      code: 'record-missing',
      remedy: expect.stringContaining('make catalog')
    })
  })

  test('with the record of another commit', async () => {
    await commit(workspace.folder, 'second')
    await expect(run()).rejects.toMatchObject({ code: 'record-of-other-commit' })
  })

  test('with a tree that was changed since', async () => {
    await writeFile(join(workspace.folder, 'new-file'), 'x')
    await expect(run()).rejects.toMatchObject({ code: 'record-of-other-commit' })
  })

  test('without word of the image that was pushed', async () => {
    await rm(join(workspace.folder, 'dist/container/push.json'))
    await expect(run()).rejects.toMatchObject({
      code: 'output-missing',
      message: expect.stringContaining('push.json')
    })
  })

  test.each([
    ['another digest', () => JSON.stringify({ ...pushed(), digest: `sha256:${'f'.repeat(64)}` })],
    ['no digest', () => JSON.stringify({ ...pushed(), digest: 'latest' })],
    ['half a file', () => JSON.stringify(pushed()).slice(0, 30)]
  ])('with %s in it', async (_, content) => {
    await writeFile(join(workspace.folder, 'dist/container/push.json'), content())
    await expect(run()).rejects.toMatchObject({
      code: 'output-changed',
      remedy: expect.stringContaining('make catalog')
    })
  })

  test('without a template', async () => {
    await rm(templatePath(workspace.folder))
    await expect(run()).rejects.toMatchObject({
      code: 'output-missing',
      remedy: expect.stringContaining('infra:synth')
    })
  })

  test('with a template that the target does not know', async () => {
    await writeFile(
      templatePath(workspace.folder),
      template.replace('AWS::ECS::Cluster', 'AWS::EKS::Cluster')
    )
    await expect(run()).rejects.toMatchObject({
      code: 'template-unknown',
      message: expect.stringContaining('AWS::EKS::Cluster')
    })
  })
})

function pushed(): object {
  return {
    reference: image.reference.replace(/@.*/, `:${version.sha}`),
    digest: image.digest,
    registry: '127.0.0.1:5000',
    insecure: true
  }
}
