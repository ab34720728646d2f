import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { CreateRepositoryCommand, ECRClient, PutImageCommand } from '@aws-sdk/client-ecr'
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pythonEnvironment, startEmulator, type AwsEmulator } from '@fast-mcp/containers/aws-emulator'
import { readPipelineEnvironment, type Finding } from '@fast-mcp/validation'
import type { Version } from '@fast-mcp/versioning'
import { infraApp } from '../../app.ts'
import { configPath, writeConfigFile } from '../../config-file.ts'
import type { Deployment, DeployRequest } from '../../target.ts'
import { assemblyPath, templatePath } from '../../template-path.ts'
import { AwsTarget } from './aws-target.ts'
import { awsClients } from './clients.ts'
import { diffAssembly } from './cloud-assembly.ts'
import { recordCalls } from '../../../test/record-calls.ts'

const environment = readPipelineEnvironment({
  ECR_REGISTRY: '123456789012.dkr.ecr.us-east-1.amazonaws.com',
  STAGE: 'emulated'
})
const python = await pythonEnvironment()
if (!python.available) console.warn(`skipped: ${python.reason}`)
const emulated = python.available ? describe : describe.skip
const before = { ...process.env }

let emulator: AwsEmulator | undefined
let workspace: string
const lines: string[] = []
const calls = new Set<string>()

beforeAll(async () => {
  if (!python.available) return
  emulator = await startEmulator(python.bin)
  Object.assign(process.env, emulator.variables)
  workspace = await mkdtemp(join(tmpdir(), 'aws-'))
  await mkdir(join(workspace, '.local'))
  infraApp(environment, { outdir: assemblyPath(workspace) }).synth()
  await new ECRClient({}).send(new CreateRepositoryCommand({ repositoryName: 'quilt-mcp' }))
}, 300_000)

afterAll(async () => {
  if (emulator === undefined) return
  await emulator.stop()
  process.env = before
  await rm(workspace, { recursive: true })
})

function target(): AwsTarget {
  const clients = awsClients('us-east-1')
  recordCalls(clients, calls)
  return new AwsTarget(
    { workspace, environment, signal: new AbortController().signal, report: (line) => lines.push(line) },
    { clients, pauseMs: 100, patience: { limitMs: 500, pauseMs: 50 } }
  )
}

/** An image in the emulated ECR, as PutImage of a pushed manifest leaves it; none where it is broken. */
async function request(letter: string, broken = false): Promise<DeployRequest> {
  const version: Version = {
    sha: letter.repeat(7),
    fullSha: letter.repeat(40),
    dirty: false,
    committedAt: '2026-01-02T03:04:05Z'
  }
  const imageManifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: `sha256:${letter.repeat(64)}`,
      size: 2
    },
    layers: []
  })
  const digest = `sha256:${createHash('sha256').update(imageManifest).digest('hex')}`
  if (!broken)
    await new ECRClient({}).send(
      new PutImageCommand({
        repositoryName: 'quilt-mcp',
        imageManifest,
        imageTag: version.sha,
        imageDigest: digest
      })
    )
  const reference = `${environment.ECR_REGISTRY}/quilt-mcp@${digest}`
  return {
    version,
    image: { reference, digest, insecure: false },
    template: await readFile(templatePath(workspace), 'utf8')
  }
}

async function deploy(wanted: DeployRequest): Promise<Deployment> {
  const deployment = await target().deploy(wanted)
  await writeConfigFile(join(workspace, configPath), deployment.outputs)
  return deployment
}

/** Findings of the probes that need no live endpoint. */
async function prove({ version, image }: DeployRequest): Promise<Record<string, Finding>> {
  const probes = await target().probes({ version, digest: image.digest })
  const signal = new AbortController().signal
  const ids = Object.keys(probes).filter((id) => id !== 'deploy.version')
  const entries = await Promise.all(
    ids.map(
      async (id) => [id, (await probes[id]?.({ signal })) ?? { status: 'failed', evidence: 'none' }] as const
    )
  )
  return Object.fromEntries(entries)
}

/* One stack from its beginning to its end; the tests build on each other. */
emulated('on an emulated account', () => {
  let first: DeployRequest
  let second: DeployRequest

  test('nothing is deployed at first', async () => {
    expect(await target().status()).toEqual({ state: 'not-deployed', target: 'aws' })
    await expect(target().rollback()).rejects.toMatchObject({ code: 'not-deployed' })
  })

  test('a broken image at first leaves a shell, which says what to do about it', async () => {
    await expect(deploy(await request('0', true))).rejects.toMatchObject({
      code: 'rollout-failed',
      message: expect.stringContaining('nothing serves'),
      evidence: expect.stringContaining('CannotPullContainerError')
    })
    expect(await target().status()).toMatchObject({
      state: 'not-deployed',
      note: expect.stringContaining('destroy')
    })
    first = await request('a')
    await expect(deploy(first)).rejects.toMatchObject({
      code: 'stack-stuck',
      remedy: expect.stringContaining('infra:destroy -- --yes')
    })
    await target().destroy()
  })

  test('a version is deployed, resource by resource, and proven', async () => {
    const deployment = await deploy(first)
    expect(deployment).toMatchObject({
      changed: true,
      outputs: { TARGET: 'aws', STACK_NAME: 'quilt-mcp-emulated' }
    })
    expect(lines.join('\n')).toMatch(/\] CREATE_COMPLETE AWS::CloudFormation::Stack quilt-mcp-emulated/)
    const status = await target().status()
    expect(status).toMatchObject({
      state: 'healthy',
      desiredCount: 2,
      history: [{ version: { sha: 'aaaaaaa' } }]
    })
    const findings = await prove(first)
    for (const id of [
      'credentials',
      'resources',
      'stack',
      'digest',
      'service-tag',
      'service-running',
      'tasks-healthy',
      'targets-healthy',
      'monitoring',
      'logs',
      'metrics'
    ])
      expect({ id, ...findings[`deploy.${id}`] }).toMatchObject({ id, status: 'passed' })
    expect(findings['deploy.rollback']).toMatchObject({ status: 'not-applicable' })
    expect(findings['deploy.access-logs']).toMatchObject({ status: 'not-applicable' })
    await target().recordProof('passed')
  })

  test('the same again changes nothing, within 10 seconds', async () => {
    const started = performance.now()
    expect(await deploy(first)).toMatchObject({ changed: false })
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(await diffAssembly(workspace, 'us-east-1')).toMatch(/no differences/i)
  })

  test('another version takes its place, with a way back', async () => {
    second = await request('b')
    await deploy(second)
    expect(await target().status()).toMatchObject({
      state: 'healthy',
      history: [{ version: { sha: 'bbbbbbb' } }, { version: { sha: 'aaaaaaa' } }]
    })
    expect((await prove(second))['deploy.rollback']).toMatchObject({ status: 'passed' })
    expect((await prove(first))['deploy.digest']).toMatchObject({ status: 'failed' })
  })

  test('a broken image is turned back: the version before still serves, and that was looked at', async () => {
    await expect(deploy(await request('c', true))).rejects.toMatchObject({
      code: 'rollout-failed',
      message: expect.stringContaining('version bbbbbbb still serves, 2 tasks run, 2 targets are healthy'),
      evidence: expect.stringContaining('CannotPullContainerError')
    })
    expect(await target().status()).toMatchObject({
      history: [{ version: { sha: 'bbbbbbb' } }, { version: { sha: 'aaaaaaa' } }]
    })
  })

  test('rollback goes to the last version that passed', async () => {
    const back = await target().rollback()
    expect(back).toMatchObject({ version: { sha: 'aaaaaaa' }, image: { digest: first.image.digest } })
    expect(await target().status()).toMatchObject({
      history: [{ version: { sha: 'aaaaaaa' } }, { version: { sha: 'bbbbbbb' } }]
    })
    expect((await prove(first))['deploy.digest']).toMatchObject({ status: 'passed' })
    await expect(target().rollback('eeee')).rejects.toMatchObject({
      code: 'no-previous-version',
      remedy: expect.stringContaining('bbbbbbb')
    })
  })

  test('status takes less than 3 seconds', async () => {
    const started = performance.now()
    await target().status()
    expect(performance.now() - started).toBeLessThan(3000)
  })

  test('destroy leaves nothing', async () => {
    expect(await target().destroy()).toEqual([expect.stringContaining('stack quilt-mcp-emulated with ')])
    expect(await target().status()).toEqual({ state: 'not-deployed', target: 'aws' })
    expect(existsSync(join(workspace, configPath))).toBe(false)
    const { Vpcs = [] } = await new EC2Client({}).send(new DescribeVpcsCommand({}))
    expect(Vpcs.filter(({ IsDefault }) => IsDefault !== true)).toEqual([])
    expect(await target().destroy()).toEqual([])
  })

  test('made no call that docs/iam.md does not grant', async () => {
    const { grantedActions } = await import('./permissions.ts')
    const granted = new Set(grantedActions())
    expect([...calls].filter((call) => !granted.has(call))).toEqual([])
  })
})
