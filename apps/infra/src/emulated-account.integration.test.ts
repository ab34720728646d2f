import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ListStacksCommand } from '@aws-sdk/client-cloudformation'
import { BatchDeleteImageCommand, DescribeImagesCommand } from '@aws-sdk/client-ecr'
import { DescribeClustersCommand, ListClustersCommand } from '@aws-sdk/client-ecs'
import { DescribeVpcsCommand } from '@aws-sdk/client-ec2'
import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readOciArchive, registryCredentials } from '@fast-mcp/containers'
import { pythonEnvironment, startEmulator, type AwsEmulator } from '@fast-mcp/containers/aws-emulator'
import { installStandIns, writeImage } from '@fast-mcp/containers/stand-in'
import { readRecord } from '@fast-mcp/validation'
import { writeRecord } from '@fast-mcp/validation/test/write-record.ts'
import { readVersion, type Version } from '@fast-mcp/versioning'
import { z } from 'zod'
import { startEmulatedRegistry, type EmulatedRegistry } from '../test/emulated-registry.ts'
import { commit, initRepository } from '../test/git-workspace.ts'
import { recordRequests, type RequestRecorder, type SeenCall } from '../test/record-requests.ts'
import { readConfigFile } from './config-file.ts'
import { awsClients } from './targets/aws/clients.ts'
import { permissions, type Permission } from './targets/aws/permissions.ts'

/*
 * The programs of phases catalog and deploy, run as Nx runs them, against an account that is none: from the login to
 * the registry to a stack of which nothing is left. The tests build on each other.
 */
const host = '123456789012.dkr.ecr.us-east-1.amazonaws.com'
const root = join(import.meta.dirname, '../../..')
const python = await pythonEnvironment()
if (!python.available) console.warn(`skipped: ${python.reason}`)
const emulated = python.available ? describe : describe.skip
const before = { ...process.env }

let emulator: AwsEmulator
let recorder: RequestRecorder
let registry: EmulatedRegistry
let workspace: string
let variables: Readonly<Record<string, string>>
/** What was asked of AWS, by the phase that asked. */
const asked = { catalog: new Array<SeenCall>(), deploy: new Array<SeenCall>() }

beforeAll(async () => {
  if (!python.available) return
  workspace = await mkdtemp(join(tmpdir(), 'account-'))
  await initRepository(workspace)
  await mkdir(join(workspace, 'dist/container'), { recursive: true })
  await mkdir(join(workspace, 'dist/apps/mcp-server'), { recursive: true })
  await writeFile(join(workspace, 'dist/apps/mcp-server/THIRD-PARTY-NOTICES.txt'), 'koa 3.3.0 (MIT)\n')
  emulator = await startEmulator(python.bin)
  recorder = await recordRequests(emulator.url, emulator.variables['AWS_ACCESS_KEY_ID'] ?? '')
  // The clients of this file are no part of what is recorded.
  Object.assign(process.env, emulator.variables)
}, 300_000)

afterAll(async () => {
  if (!python.available) return
  await registry[Symbol.asyncDispose]()
  await recorder[Symbol.asyncDispose]()
  await emulator.stop()
  process.env = before
  await rm(workspace, { recursive: true })
})

interface Ended {
  readonly code: number
  readonly output: string
}

/** Runs the program of a target in the workspace, as Nx does, with the variables of the pipeline. */
async function run(
  target: string,
  args: readonly string[] = [],
  more: Readonly<Record<string, string>> = {}
): Promise<Ended> {
  const catalog = ['registry-login', 'push', 'pull'].includes(target)
  const main = join(root, catalog ? 'tools/src' : 'apps/infra/src', target, 'main.ts')
  const { PATH = '', HOME = '' } = process.env
  const seen = recorder.calls.length
  const ended = await new Promise<Ended>((resolve) => {
    execFile(
      process.execPath,
      [main, ...args],
      { cwd: workspace, env: { PATH, HOME, ...variables, ...more } },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), output: `${stdout}${stderr}` })
      }
    )
  })
  asked[catalog ? 'catalog' : 'deploy'].push(...recorder.calls.slice(seen))
  return ended
}

/** One more commit with its image, as phase build would leave them. Gives the version and the image's digest. */
async function build(message: string): Promise<{ readonly version: Version; readonly digest: string }> {
  await commit(workspace, message)
  const version = await readVersion(workspace)
  const archive = join(workspace, 'dist/container/quilt-mcp.oci.tar')
  await writeImage(archive, {
    labels: { 'org.opencontainers.image.revision': version.fullSha },
    layers: [{ files: { 'bin/node': 'the same in every version' } }, { files: { 'app/main.js': message } }]
  })
  const { manifestDigest: digest } = await readOciArchive(archive)
  await writeRecord(workspace, 'build', version, [
    { name: 'image', kind: 'image', location: `quilt-mcp:${version.sha}`, digest }
  ])
  return { version, digest }
}

/** Pushes a new version and says that it was tried. */
async function pushed(message: string): Promise<{ readonly version: Version; readonly digest: string }> {
  const built = await build(message)
  expect(await run('push')).toMatchObject({ code: 0, output: expect.stringContaining(built.digest) })
  await writeRecord(workspace, 'catalog', built.version, [
    { name: 'image', kind: 'image', location: `${host}/quilt-mcp:${built.version.sha}`, digest: built.digest }
  ])
  return built
}

const statusSchema = z.object({
  deployment: z.object({
    state: z.string(),
    history: z.array(z.object({ version: z.object({ sha: z.string() }), digest: z.string() })).default([])
  })
})

/** Exit code of status, its state, and the live version first. */
async function status(): Promise<readonly unknown[]> {
  const { code, output } = await run('status', ['--json'])
  const { deployment } = statusSchema.parse(JSON.parse(output))
  return [code, deployment.state, ...deployment.history.map(({ version }) => version.sha)]
}

const clients = awsClients('us-east-1')

emulated('on an emulated account', () => {
  let a: { readonly version: Version; readonly digest: string }
  let b: typeof a

  test('nothing is deployed at first', async () => {
    registry = await startEmulatedRegistry(workspace, host)
    variables = {
      ...emulator.variables,
      ...registry.variables,
      AWS_ENDPOINT_URL: recorder.url,
      ECR_REGISTRY: host,
      STAGE: 'emulated'
    }
    expect(await status()).toEqual([3, 'not-deployed'])
  })

  test('the login makes the repository and leaves the token in a file of its owner alone', async () => {
    const { code, output } = await run('registry-login')
    expect([code, output]).toEqual([0, expect.stringContaining('is logged in to')])
    const file = join(workspace, '.local/registry-auth.json')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const credentials = await registryCredentials(host, file)
    expect(credentials).toMatchObject({ username: 'AWS' })
    expect(output).not.toContain(credentials?.password)
  })

  test('a push brings the image under its real name into the registry, and its manifest into ECR', async () => {
    a = await pushed('version a')
    const { imageDetails } = await clients.ecr.send(
      new DescribeImagesCommand({
        repositoryName: 'quilt-mcp',
        imageIds: [{ imageTag: a.version.sha }]
      })
    )
    expect(imageDetails).toMatchObject([{ imageDigest: a.digest }])
    registry.requests.length = 0
    expect(await run('push')).toMatchObject({ code: 0, output: expect.stringContaining('nothing to do') })
    expect(registry.requests.filter((line) => !/^(?:GET|HEAD) /.test(line))).toEqual([])
  })

  test.each(['docker', 'podman'])(
    'the image is pulled again by its digest with %s, logged in',
    async (kind) => {
      const standIns = join(workspace, '.local', `stand-in-${kind}`)
      const bin = await installStandIns(standIns, [kind === 'docker' ? 'docker' : 'podman'])
      const engine = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, CONTAINER_ENGINE: kind }
      const { code, output } = await run('pull', [], engine)
      expect([code, output]).toEqual([
        0,
        expect.stringContaining(`pulled ${host}/quilt-mcp@${a.digest}: sha256:`)
      ])
      const calls = await readFile(join(standIns, 'calls.log'), 'utf8')
      const { password = '' } =
        (await registryCredentials(host, join(workspace, '.local/registry-auth.json'))) ?? {}
      expect(calls).not.toContain(password)
      if (kind === 'docker') {
        expect(calls).toContain(`"login","--username","AWS","--password-stdin","${host}"`)
        expect((await stat(join(workspace, '.local/docker'))).mode & 0o777).toBe(0o700)
      }
    }
  )

  test('version a is deployed and found healthy', async () => {
    expect(await run('synth')).toMatchObject({ code: 0 })
    expect(await run('deploy')).toMatchObject({
      code: 0,
      output: expect.stringMatching(/CREATE_COMPLETE AWS::CloudFormation::Stack quilt-mcp-emulated/)
    })
    expect(await readConfigFile(join(workspace, '.config'))).toMatchObject({
      TARGET: 'aws',
      STACK_NAME: 'quilt-mcp-emulated',
      ACCOUNT: '123456789012',
      REGION: 'us-east-1',
      REVISION: a.version.fullSha,
      IMAGE_URI: `${host}/quilt-mcp@${a.digest}`,
      IMAGE_DIGEST: a.digest
    })
    expect(await status()).toEqual([0, 'healthy', a.version.sha])
  })

  test('deployed again changes nothing, within 10 seconds', async () => {
    const started = performance.now()
    expect(await run('deploy')).toMatchObject({ code: 0 })
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(await run('diff')).toMatchObject({ code: 0, output: expect.stringMatching(/no differences/i) })
  })

  test('version b takes its place, and of its image only the layer that is new was sent', async () => {
    registry.requests.length = 0
    b = await pushed('version b')
    const sent = registry.requests.filter((line) => line.startsWith('PUT') && line.includes('/blobs/'))
    // Its layer and its configuration, and what is attached to it: list of parts, provenance.
    expect(sent.length).toBeLessThanOrEqual(4)
    expect(await run('deploy')).toMatchObject({ code: 0 })
    expect(await status()).toEqual([0, 'healthy', b.version.sha, a.version.sha])
  })

  test('an image that cannot be pulled is turned back: b still serves, and that was looked at', async () => {
    const { version } = await pushed('version c')
    await clients.ecr.send(
      new BatchDeleteImageCommand({ repositoryName: 'quilt-mcp', imageIds: [{ imageTag: version.sha }] })
    )
    const { code, output } = await run('deploy')
    expect(code).toBe(1)
    expect(output).toContain(
      `version ${b.version.sha} still serves, 2 tasks run, 2 targets are healthy [rollout-failed]`
    )
    expect(output).toContain('CannotPullContainerError')
    expect(await status()).toEqual([0, 'healthy', b.version.sha, a.version.sha])
  })

  test('rollback goes to a and proves it as far as AWS answers', async () => {
    const { output } = await run('rollback', [a.version.sha])
    expect(output).toContain('[check-failed]')
    const checks = (await readRecord(workspace, 'deploy'))?.checks ?? []
    // The emulator has no load balancer that answers.
    expect(checks.filter((check) => check.status === 'failed').map(({ id }) => id)).toEqual([
      'deploy.endpoint',
      'deploy.certificate'
    ])
    expect(checks.filter((check) => check.status === 'passed').map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'deploy.stack',
        'deploy.digest',
        'deploy.service-tag',
        'deploy.targets-healthy'
      ])
    )
    expect(await status()).toEqual([0, 'healthy', a.version.sha, b.version.sha])
  })

  test('destroy leaves nothing but the images', async () => {
    expect(await run('destroy', ['--yes'])).toMatchObject({
      code: 0,
      output: expect.stringContaining('stack quilt-mcp-emulated with ')
    })
    expect(existsSync(join(workspace, '.config'))).toBe(false)
    expect(await status()).toEqual([3, 'not-deployed'])
    const { StackSummaries = [] } = await clients.cloudFormation.send(new ListStacksCommand({}))
    expect(StackSummaries.filter(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE')).toEqual([])
    const { Vpcs = [] } = await clients.ec2.send(new DescribeVpcsCommand({}))
    expect(Vpcs.filter(({ IsDefault }) => IsDefault !== true)).toEqual([])
    const { clusterArns } = await clients.ecs.send(new ListClustersCommand({}))
    const { clusters = [] } = await clients.ecs.send(new DescribeClustersCommand({ clusters: clusterArns }))
    expect(clusters.map((cluster) => cluster.status)).toEqual(['INACTIVE'])
    expect((await clients.balancing.send(new DescribeLoadBalancersCommand({}))).LoadBalancers).toEqual([])
    const { imageDetails = [] } = await clients.ecr.send(
      new DescribeImagesCommand({ repositoryName: 'quilt-mcp' })
    )
    expect(imageDetails.flatMap(({ imageTags = [] }) => imageTags)).toEqual(
      expect.arrayContaining([a.version.sha, b.version.sha, `deployed-${a.version.sha}`])
    )
  })
})

emulated('what was asked of AWS', () => {
  const grantedTo = (phase: Permission['phase']): ReadonlySet<string> =>
    new Set(permissions.filter((permission) => permission.phase === phase).flatMap(({ actions }) => actions))

  test.each(['catalog', 'deploy'] as const)(
    'in phase %s with the caller’s own credentials is in the policy of the phase',
    (phase) => {
      const calls = asked[phase].filter(({ by }) => by === 'caller').map(({ action }) => action)
      expect(calls.length).toBeGreaterThan(2)
      expect(calls.filter((action) => !grantedTo(phase).has(action))).toEqual([])
    }
  )

  test('by the CDK toolkit was asked in roles of the bootstrap stack that the policy names', () => {
    const roles = new Set(asked.deploy.flatMap(({ role }) => role ?? []))
    const allowed = /^arn:aws:iam::123456789012:role\/cdk-hnb659fds-[a-z-]+-role-123456789012-us-east-1$/
    expect(roles.size).toBeGreaterThan(0)
    expect([...roles].filter((role) => !allowed.test(role))).toEqual([])
    const calls = new Set(asked.deploy.filter(({ by }) => by === 'role').map(({ action }) => action))
    expect([...calls].sort()).toEqual([...roleActions].sort())
  })
})

// What the toolkit asks in those roles. Their policies are those of the CDK's bootstrap template.
const roleActions = [
  'cloudformation:CreateChangeSet',
  'cloudformation:DeleteChangeSet',
  'cloudformation:DescribeChangeSet',
  'cloudformation:DescribeStackEvents',
  'cloudformation:DescribeStacks',
  'cloudformation:ExecuteChangeSet',
  'cloudformation:GetTemplate',
  's3:GetBucketLocation',
  's3:GetEncryptionConfiguration',
  's3:ListBucket',
  's3:PutObject',
  'ssm:GetParameter'
]
