import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import {
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListStackResourcesCommand,
  UpdateStackCommand
} from '@aws-sdk/client-cloudformation'
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import { FilterLogEventsCommand, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { DescribeImagesCommand, PutImageCommand } from '@aws-sdk/client-ecr'
import { DescribeServicesCommand, DescribeTasksCommand, ListTasksCommand } from '@aws-sdk/client-ecs'
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readPipelineEnvironment, type Finding } from '@fast-mcp/validation'
import { readVersion } from '@fast-mcp/versioning'
import {
  digest,
  entry,
  fakeAccount,
  imageUri,
  name,
  refusal,
  registry,
  stackOf
} from '../../../test/aws-account.ts'
import { commit, initRepository } from '../../../test/git-workspace.ts'
import { configPath, writeConfigFile } from '../../config-file.ts'
import { templatePath } from '../../template-path.ts'
import { showDiff } from '../../diff/show-diff.ts'
import { exitCodes, gatherStatus } from '../../status/gather.ts'
import { selectTarget } from '../../select-target.ts'
import { AwsTarget } from './aws-target.ts'
import { firstFailure } from './first-failure.ts'

const template = '{"Resources":{}}'
const version = {
  sha: 'a'.repeat(7),
  fullSha: 'a'.repeat(40),
  dirty: false,
  committedAt: '2026-01-02T03:04:05Z'
}
const request = {
  version,
  image: { reference: imageUri('a'), digest: digest('a'), insecure: false },
  template
}

let workspace: string
let fake: ReturnType<typeof fakeAccount>
let lines: string[]

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'aws-target-'))
  await mkdir(join(workspace, '.local'))
  await mkdir(join(workspace, 'dist/cdk.out'), { recursive: true })
  await writeFile(templatePath(workspace), template)
  fake = fakeAccount()
  lines = []
})

afterEach(async () => {
  await rm(workspace, { recursive: true })
})

/** `limitMs`: how long its checks wait for what does not come; long where it does come. */
function target(variables: Readonly<Record<string, string>> = {}, limitMs = 20): AwsTarget {
  return new AwsTarget(
    {
      workspace,
      environment: readPipelineEnvironment({ ECR_REGISTRY: registry, ...variables }),
      signal: new AbortController().signal,
      report: (line) => lines.push(line)
    },
    { clients: fake.clients, pauseMs: 1, patience: { limitMs, pauseMs: 5 } }
  )
}

/** The history as it was written first. */
function written(): unknown {
  return JSON.parse(fake.ssm.commandCalls(PutParameterCommand)[0]?.args[0].input.Value ?? '')
}

test('is the target where a registry of ECR is named', async () => {
  const context = {
    workspace,
    environment: readPipelineEnvironment({ ECR_REGISTRY: registry }),
    signal: new AbortController().signal,
    report: () => undefined
  }
  expect(await selectTarget(context)).toBeInstanceOf(AwsTarget)
})

describe('status', () => {
  test('of a healthy stack names version, tasks, cost, drift and events', async () => {
    const event = {
      EventId: '1',
      StackId: 'x',
      StackName: name,
      Timestamp: new Date(0),
      LogicalResourceId: 'Service'
    }
    fake.cloudFormation
      .on(DescribeStackEventsCommand)
      .resolves({ StackEvents: [{ ...event, ResourceStatus: 'UPDATE_COMPLETE' }] })
    expect(await target().status()).toMatchObject({
      state: 'healthy',
      problems: [],
      endpoint: 'https://example.cloudfront.net/mcp',
      tasks: [{ name: 't1', health: 'healthy', address: '10.0.0.0', check: 'healthy' }, { name: 't2' }],
      parts: expect.arrayContaining([
        { name: 'drift', what: expect.stringContaining(`--stack-name ${name}`), state: 'NOT_CHECKED' },
        { name: 'cost', what: expect.any(String), state: expect.stringMatching(/^\d+ USD$/) },
        { name: 'event', what: '1970-01-01T00:00:00.000Z Service', state: 'UPDATE_COMPLETE' }
      ]),
      history: [{ digest: digest('a'), proof: 'passed' }, { digest: digest('b') }]
    })
  })

  test('is of the stack by its name, also where there is no .config', async () => {
    const { deployment } = await gatherStatus(workspace, target())
    expect(deployment).toMatchObject({ state: 'healthy', target: 'aws' })
    expect(exitCodes[deployment.state]).toBe(0)
  })

  test('and diff with credentials of another account name both accounts', async () => {
    fake.sts.on(GetCallerIdentityCommand).resolves({ Account: '999999999999' })
    const refused = {
      code: 'aws-account',
      message: expect.stringMatching(/999999999999.*123456789012/)
    }
    await expect(target().status()).rejects.toMatchObject(refused)
    const environment = readPipelineEnvironment({ ECR_REGISTRY: registry })
    await expect(showDiff(workspace, environment, fake.clients.sts)).rejects.toMatchObject(refused)
  })

  test('of no stack says that nothing is deployed', async () => {
    fake.cloudFormation
      .on(DescribeStacksCommand)
      .rejects(refusal('ValidationError', `Stack with id ${name} does not exist`))
    expect(await target().status()).toEqual({ state: 'not-deployed', target: 'aws' })
  })

  test.each([
    ['CREATE_IN_PROGRESS', /run make status again/],
    ['ROLLBACK_COMPLETE', /infra:destroy -- --yes/]
  ] as const)('of a stack without a service in %s says what to do', async (state, note) => {
    fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolves({ Stacks: [{ ...stackOf('a', state), Outputs: [] }] })
    expect(await target().status()).toMatchObject({
      state: 'not-deployed',
      note: expect.stringMatching(note)
    })
  })

  test('names everything that is not healthy, and an empty list of targets is not', async () => {
    fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolves({ Stacks: [stackOf('a', 'UPDATE_ROLLBACK_FAILED')] })
    fake.ecs.on(DescribeServicesCommand).resolves({
      services: [
        {
          taskDefinition: 'task:old',
          desiredCount: 2,
          runningCount: 1,
          deployments: [{ rolloutState: 'FAILED' }]
        }
      ]
    })
    fake.balancing.on(DescribeTargetHealthCommand).resolves({ TargetHealthDescriptions: [] })
    const status = await target().status()
    expect(status).toMatchObject({ state: 'unhealthy' })
    expect('problems' in status ? status.problems.join('\n') : '').toMatch(
      /UPDATE_ROLLBACK_FAILED.*rollout is FAILED.*1 of 2 tasks run.*0 of 0 targets.*runs task:old, the stack has task:a/s
    )
  })

  test('knows the live version where an interrupted deployment did not write it down', async () => {
    fake.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: '[]' } })
    expect(await target().status()).toMatchObject({
      history: [{ version: { sha: 'aaaaaaa' }, proof: 'none' }]
    })
    fake.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: 'edited' } })
    await expect(target().status()).rejects.toMatchObject({ code: 'state-invalid' })
  })
})

describe('deploy', () => {
  test('does nothing where this very version is live and healthy', async () => {
    const deployment = await target().deploy(request)
    expect(deployment).toMatchObject({
      changed: false,
      outputs: { TARGET: 'aws', STACK_NAME: name, REGION: 'us-east-1' }
    })
  })

  test('takes commits only', async () => {
    await expect(target().deploy({ ...request, version: { ...version, dirty: true } })).rejects.toMatchObject(
      {
        code: 'dirty-tree'
      }
    )
  })

  test('refuses credentials of another account', async () => {
    fake.sts.on(GetCallerIdentityCommand).resolves({ Account: '999999999999' })
    await expect(target().deploy(request)).rejects.toMatchObject({ code: 'aws-account' })
  })

  test.each(['ROLLBACK_COMPLETE', 'UPDATE_ROLLBACK_FAILED', 'DELETE_FAILED'] as const)(
    'does not start from %s, and offers the command that leads out',
    async (state) => {
      fake.cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stackOf('a', state)] })
      await expect(target().deploy(request)).rejects.toMatchObject({
        code: 'stack-stuck',
        remedy: expect.stringMatching(/infra:destroy -- --yes|continue-update-rollback/)
      })
    }
  )

  test('does not disturb a deployment of somebody else', async () => {
    fake.cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stackOf('a', 'UPDATE_IN_PROGRESS')] })
    await expect(target().deploy(request)).rejects.toMatchObject({ code: 'stack-busy' })
  })

  test('waits for what an interrupted deployment of this workspace left going', async () => {
    await writeFile(join(workspace, `.local/deploying-${name}.json`), '{}')
    fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolvesOnce({ Stacks: [stackOf('a', 'UPDATE_IN_PROGRESS')] })
      .resolvesOnce({ Stacks: [stackOf('a', 'UPDATE_IN_PROGRESS')] })
      .resolves({ Stacks: [stackOf()] })
    fake.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: JSON.stringify([entry('b')]) } })
    expect(await target().deploy(request)).toMatchObject({ changed: true })
    expect(lines).toEqual([expect.stringContaining('what was interrupted goes on')])
    expect(existsSync(join(workspace, `.local/deploying-${name}.json`))).toBe(false)
  })

  test('writes down what an interrupted deployment made live, and tags its image, once', async () => {
    fake.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: JSON.stringify([entry('b')]) } })
    await target().deploy(request)
    expect(written()).toMatchObject([
      { v: 'aaaaaaa', p: 'none' },
      { v: 'bbbbbbb', p: 'passed' }
    ])
    expect(fake.ecr.commandCalls(PutImageCommand)[0]?.args[0].input).toMatchObject({
      imageTag: 'deployed-aaaaaaa'
    })
    fake.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: JSON.stringify([entry('a')]) } })
    expect(await target().deploy(request)).toMatchObject({ changed: false })
    expect(fake.ssm.commandCalls(PutParameterCommand)).toHaveLength(1)
  })
})

describe('what AWS refuses', () => {
  test.each([
    [
      'AccessDenied',
      'User: me is not authorized to perform: sts:GetCallerIdentity',
      'aws-denied',
      /sts:GetCallerIdentity/
    ],
    ['ExpiredToken', 'The security token included in the request is expired', 'aws-credentials', /expired/],
    [
      'CredentialsProviderError',
      'Could not load credentials from any providers',
      'aws-credentials',
      /no AWS credentials/
    ],
    ['ThrottlingException', 'Rate exceeded', 'aws-unavailable', /slow down/],
    ['TimeoutError', 'connect ETIMEDOUT', 'aws-unavailable', /does not answer/]
  ])('%s is explained', async (errorName, message, code, said) => {
    fake.sts.on(GetCallerIdentityCommand).rejects(refusal(errorName, message))
    await expect(target().deploy(request)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(said),
      evidence: expect.stringContaining(message)
    })
  })

  test.each([
    ['status', DescribeServicesCommand],
    ['rollback', GetParameterCommand]
  ] as const)('a denied call of %s names the action', async (method, command) => {
    const error = refusal('AccessDeniedException', `not authorized to perform: x:${command.name}`)
    fake.ecs.on(DescribeServicesCommand).rejects(error)
    fake.ssm.on(GetParameterCommand).rejects(error)
    await expect(target()[method]()).rejects.toMatchObject({
      code: 'aws-denied',
      remedy: expect.stringContaining('docs/iam.md')
    })
  })

  test('a denied action is found in the policy that grants it', async () => {
    fake.ssm
      .on(GetParameterCommand)
      .rejects(refusal('AccessDeniedException', 'User: me is not authorized to perform: ssm:GetParameter'))
    await expect(target().status()).rejects.toMatchObject({
      message: expect.stringContaining('ssm:GetParameter'),
      remedy: 'Grant it: statement History of the policy for phase deploy, in docs/iam.md.'
    })
  })

  test('what is no refusal stays what it is', async () => {
    fake.sts.on(GetCallerIdentityCommand).rejects(refusal('Strange', 'something else'))
    await expect(target().deploy(request)).rejects.toMatchObject({ name: 'Strange' })
  })
})

describe('rollback', () => {
  test('updates the parameters alone, to the last version that passed', async () => {
    fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolvesOnce({ Stacks: [stackOf()] })
      .resolves({ Stacks: [stackOf('b')] })
    expect(await target().rollback()).toMatchObject({
      version: { sha: 'bbbbbbb' },
      image: { reference: imageUri('b') }
    })
    expect(fake.cloudFormation.commandCalls(UpdateStackCommand)[0]?.args[0].input).toMatchObject({
      UsePreviousTemplate: true,
      Parameters: expect.arrayContaining([{ ParameterKey: 'ImageUri', ParameterValue: imageUri('b') }])
    })
    expect(written()).toMatchObject([{ v: 'bbbbbbb' }, { v: 'aaaaaaa' }])
  })

  test('is proven against the template that it kept, whatever the workspace has since', async () => {
    fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolvesOnce({ Stacks: [stackOf()] })
      .resolves({ Stacks: [stackOf('b')] })
    const back = await target().rollback()
    fake.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: JSON.stringify(written()) } })
    await rm(join(workspace, 'dist/cdk.out'), { recursive: true })
    const proof = async () => {
      const probes = await target().probes({ version: back.version, digest: back.image.digest })
      return probes['deploy.stack']?.({ signal: new AbortController().signal })
    }
    expect(await proof()).toMatchObject({
      status: 'passed',
      evidence: expect.stringContaining('the one that the rollback kept')
    })
    fake.cloudFormation.on(GetTemplateCommand).resolves({ TemplateBody: '{"Resources":{"By":"hand"}}' })
    expect(await proof()).toMatchObject({ status: 'failed' })
  })

  test('to the version that a failed deployment left live changes nothing, and is no failure', async () => {
    fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolves({ Stacks: [stackOf('a', 'UPDATE_ROLLBACK_COMPLETE')] })
    fake.cloudFormation
      .on(UpdateStackCommand)
      .rejects(refusal('ValidationError', 'No updates are to be performed.'))
    const back = await target().rollback('aaaa')
    expect(back).toMatchObject({ changed: false, version: { sha: 'aaaaaaa' } })
    expect(fake.ssm.commandCalls(PutParameterCommand)).toEqual([])
    const probes = await target().probes({ version: back.version, digest: back.image.digest })
    expect(await probes['deploy.stack']?.({ signal: new AbortController().signal })).toMatchObject({
      status: 'passed',
      evidence: expect.stringContaining('UPDATE_ROLLBACK_COMPLETE')
    })
  })

  test('passes over versions that did not pass, and says so where none is left', async () => {
    fake.ssm
      .on(GetParameterCommand)
      .resolves({ Parameter: { Value: JSON.stringify([entry('a'), entry('b', 'failed')]) } })
    await expect(target().rollback()).rejects.toMatchObject({
      code: 'no-previous-version',
      remedy: expect.stringContaining('bbbbbbb (checks: failed)')
    })
    await expect(target().rollback('no sha')).rejects.toMatchObject({ code: 'no-previous-version' })
  })

  test('takes a named SHA that is in ECR though not in the history', async () => {
    await initRepository(workspace)
    await commit(workspace, 'second')
    const { sha } = await readVersion(workspace)
    fake.ecr.on(DescribeImagesCommand).resolves({ imageDetails: [{ imageDigest: digest('c') }] })
    expect(await target().rollback(sha)).toMatchObject({ version: { sha }, image: { digest: digest('c') } })
    fake.ecr.on(DescribeImagesCommand).rejects(refusal('ImageNotFoundException', 'no such image'))
    await expect(target().rollback(sha)).rejects.toMatchObject({ code: 'no-previous-version' })
  })

  test('that fails says why: the resource, the first task that stopped, its last lines, and what serves', async () => {
    fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolvesOnce({ Stacks: [stackOf()] })
      .resolves({ Stacks: [stackOf('a', 'UPDATE_ROLLBACK_COMPLETE')] })
    const later = new Date(Date.now() + 60_000)
    const event = {
      EventId: '1',
      StackId: 'x',
      StackName: name,
      Timestamp: later,
      ResourceType: 'AWS::ECS::Service'
    }
    fake.cloudFormation.on(DescribeStackEventsCommand).resolves({
      StackEvents: [
        {
          ...event,
          LogicalResourceId: 'Other',
          ResourceStatus: 'UPDATE_FAILED',
          ResourceStatusReason: 'Resource update cancelled'
        },
        {
          ...event,
          LogicalResourceId: 'Service',
          ResourceStatus: 'UPDATE_FAILED',
          ResourceStatusReason: 'circuit breaker was triggered'
        }
      ]
    })
    fake.ecs
      .on(ListTasksCommand, { desiredStatus: 'STOPPED' })
      .resolves({ taskArns: ['arn:task/cluster/t9'] })
    fake.ecs.on(DescribeTasksCommand, { tasks: ['arn:task/cluster/t9'] }).resolves({
      tasks: [
        {
          taskArn: 'arn:task/cluster/t9',
          createdAt: later,
          stoppedReason: 'Essential container in task exited',
          containers: [{ exitCode: 2 }]
        }
      ]
    })
    await expect(target().rollback()).rejects.toMatchObject({
      code: 'rollout-failed',
      message: expect.stringContaining('version aaaaaaa still serves, 2 tasks run, 2 targets are healthy'),
      evidence: expect.stringMatching(
        /Service \(AWS::ECS::Service\): circuit breaker.*\ntask t9: Essential container in task exited, exit code 2\n {2}cannot read configuration/
      )
    })
    expect(existsSync(join(workspace, `.local/deploying-${name}.json`))).toBe(false)
  })

  test('that fails keeps its reason where logs, tasks and targets may not be looked at', async () => {
    const failed = { Stacks: [stackOf('a', 'UPDATE_ROLLBACK_COMPLETE')] }
    fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolvesOnce({ Stacks: [stackOf()] })
      .resolvesOnce(failed)
      .resolvesOnce(failed)
      .resolvesOnce({ Stacks: [stackOf()] })
      .resolves(failed)
    const denied = (action: string) =>
      refusal('AccessDeniedException', `User: me is not authorized to perform: ${action}`)
    fake.logs.on(GetLogEventsCommand).rejects(denied('logs:GetLogEvents'))
    fake.balancing
      .on(DescribeTargetHealthCommand)
      .rejects(denied('elasticloadbalancing:DescribeTargetHealth'))
    await expect(target().rollback()).rejects.toMatchObject({
      code: 'rollout-failed',
      message: expect.stringMatching(/what serves now could not be learned: .*DescribeTargetHealth/),
      evidence: expect.stringMatching(
        /task t1: stopped\n {2}what it logged could not be learned: .*GetLogEvents/
      )
    })
    fake.ecs.on(ListTasksCommand).rejects(denied('ecs:ListTasks'))
    await expect(target().rollback()).rejects.toMatchObject({
      code: 'rollout-failed',
      evidence: expect.stringMatching(/^which task stopped could not be learned: .*ecs:ListTasks/)
    })
  })

  test('that AWS refuses says what serves, beside what was refused', async () => {
    fake.cloudFormation
      .on(UpdateStackCommand)
      .rejects(refusal('AccessDenied', 'User: me is not authorized to perform: cloudformation:UpdateStack'))
    await expect(target().rollback()).rejects.toMatchObject({
      code: 'aws-denied',
      message: expect.stringMatching(/cloudformation:UpdateStack; version aaaaaaa still serves/)
    })
  })

  test('that loses sight of CloudFormation leaves word that it is at work', async () => {
    fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolvesOnce({ Stacks: [stackOf()] })
      .resolves({ Stacks: [stackOf('b', 'UPDATE_IN_PROGRESS')] })
    fake.cloudFormation
      .on(DescribeStackEventsCommand)
      .rejects(refusal('ThrottlingException', 'Rate exceeded'))
    await expect(target().rollback()).rejects.toMatchObject({
      code: 'aws-unavailable',
      message: expect.stringContaining('CloudFormation is still at work (UPDATE_IN_PROGRESS)')
    })
    expect(existsSync(join(workspace, `.local/deploying-${name}.json`))).toBe(true)
  })

  test('of a stack that was never made has no first failure to show', async () => {
    fake.cloudFormation
      .on(DescribeStackEventsCommand)
      .rejects(refusal('ValidationError', `Stack [${name}] does not exist`))
    expect(await firstFailure(fake.clients, name, new Date(0), undefined)).toBe('')
  })

  test('that leaves the stack stuck does not say that anything serves', async () => {
    fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolvesOnce({ Stacks: [stackOf()] })
      .resolves({ Stacks: [stackOf('a', 'UPDATE_ROLLBACK_FAILED')] })
    const later = new Date(Date.now() + 60_000)
    fake.ecs
      .on(DescribeTasksCommand)
      .resolves({ tasks: [{ taskArn: 'arn:task/cluster/t9', createdAt: later }] })
    fake.logs.on(GetLogEventsCommand).rejects(refusal('ResourceNotFoundException', 'no stream'))
    await expect(target().rollback()).rejects.toMatchObject({
      message: expect.stringContaining('nothing serves'),
      evidence: expect.stringContaining('(it logged nothing)')
    })
  })

  test('of nothing says that nothing is deployed', async () => {
    fake.cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [] })
    await expect(target().rollback()).rejects.toMatchObject({ code: 'not-deployed' })
  })
})

describe('destroy', () => {
  test('deletes the stack, removes .config and says what went', async () => {
    await writeConfigFile(join(workspace, configPath), { TARGET: 'aws' })
    fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolvesOnce({ Stacks: [stackOf()] })
      .resolves({ Stacks: [] })
    expect(await target().destroy()).toEqual([
      `stack ${name} with 4 resources (images stay in the repository)`
    ])
    expect(fake.cloudFormation.commandCalls(DeleteStackCommand)).toHaveLength(1)
    expect(existsSync(join(workspace, configPath))).toBe(false)
    expect(lines.join('\n')).toMatch(
      /left: images.*left: .*task definitions.*left: .*containerinsights\/cluster/s
    )
    expect(await target().destroy()).toEqual([])
  })

  test('shows what goes before it is confirmed: types, counts, stage and account', async () => {
    const plan = await target().planDestroy()
    expect(plan[0]).toBe(`stack ${name} (UPDATE_COMPLETE) in account 123456789012, us-east-1:`)
    expect(plan).toContain('   1  AWS::ECS::Service')
    expect(fake.cloudFormation.commandCalls(DeleteStackCommand)).toEqual([])
    fake.cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [] })
    expect(await target().planDestroy()).toEqual([])
  })

  test('does not disturb an update of somebody else, and goes on with what was interrupted here', async () => {
    fake.cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stackOf('a', 'UPDATE_IN_PROGRESS')] })
    await expect(target().destroy()).rejects.toMatchObject({ code: 'stack-busy' })
    expect(fake.cloudFormation.commandCalls(DeleteStackCommand)).toEqual([])
    await writeFile(join(workspace, `.local/deploying-${name}.json`), '{}')
    fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolvesOnce({ Stacks: [stackOf('a', 'CREATE_IN_PROGRESS')] })
      .resolvesOnce({ Stacks: [stackOf('a', 'ROLLBACK_COMPLETE')] })
      .resolves({ Stacks: [] })
    expect(await target().destroy()).toHaveLength(1)
  })

  test('names what is left, and why', async () => {
    fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolvesOnce({ Stacks: [stackOf()] })
      .resolves({ Stacks: [stackOf('a', 'DELETE_FAILED')] })
    fake.cloudFormation.on(ListStackResourcesCommand).resolves({
      StackResourceSummaries: [
        {
          LogicalResourceId: 'Vpc',
          ResourceType: 'AWS::EC2::VPC',
          ResourceStatus: 'DELETE_FAILED',
          ResourceStatusReason: 'has dependencies',
          LastUpdatedTimestamp: new Date()
        }
      ]
    })
    await expect(target().destroy()).rejects.toMatchObject({
      code: 'stack-stuck',
      evidence: 'Vpc (AWS::EC2::VPC): has dependencies'
    })
  })
})

describe('the probes', () => {
  async function findings(): Promise<Record<string, Finding>> {
    const probes = await target().probes({ version, digest: digest('a') })
    const signal = new AbortController().signal
    const ids = Object.keys(probes).filter((id) => id !== 'deploy.version')
    return Object.fromEntries(
      await Promise.all(
        ids.map(async (id) => [
          id,
          (await probes[id]?.({ signal })) ?? { status: 'failed' as const, evidence: '' }
        ])
      )
    )
  }

  test('pass on a healthy account, every one', async () => {
    const found = Object.entries(await findings())
    expect(found.filter(([, { status }]) => status !== 'passed')).toEqual([])
    expect(found).toHaveLength(13)
  })

  test('wait, and then say what they last saw', async () => {
    fake.ecs.on(DescribeServicesCommand).resolves({
      services: [
        {
          taskDefinition: 'task:old',
          desiredCount: 2,
          runningCount: 2,
          deployments: [{ rolloutState: 'IN_PROGRESS' }, {}]
        }
      ]
    })
    fake.balancing.on(DescribeTargetHealthCommand).resolves({ TargetHealthDescriptions: [] })
    fake.ecs.on(ListTasksCommand).resolves({ taskArns: [] })
    const found = await findings()
    for (const id of ['digest', 'service-tag', 'service-running', 'tasks-healthy', 'targets-healthy', 'logs'])
      expect({ id, ...found[`deploy.${id}`] }).toMatchObject({ id, status: 'failed' })
    expect(found['deploy.service-running']).toMatchObject({
      evidence: expect.stringMatching(
        /rollout IN_PROGRESS, 2 at work, 2 of 2 tasks run task:old \(waited \d+ s\)/
      )
    })
  })

  test('a way back is to the newest version that passed, whose image is still there', async () => {
    const history = [entry('a'), entry('c', 'failed'), entry('b')]
    fake.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: JSON.stringify(history) } })
    expect((await findings())['deploy.rollback']).toMatchObject({
      status: 'passed',
      evidence: expect.stringContaining('bbbbbbb')
    })
    fake.ecr.on(DescribeImagesCommand).rejects(refusal('ImageNotFoundException', 'no such image'))
    expect((await findings())['deploy.rollback']).toMatchObject({
      status: 'failed',
      evidence: expect.stringContaining('its image is no longer in quilt-mcp')
    })
    const none = [entry('a'), entry('c', 'failed')]
    fake.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: JSON.stringify(none) } })
    expect((await findings())['deploy.rollback']).toMatchObject({ status: 'not-applicable' })
  })

  test('empty pages of logs are gone past, and the test file of a load balancer is no access log', async () => {
    fake.logs
      .on(FilterLogEventsCommand)
      .resolves({ events: [], nextToken: '1' })
      .on(FilterLogEventsCommand, { nextToken: '1' })
      .resolves({ events: [{ message: 'x' }] })
    fake.s3.on(ListObjectsV2Command).resolves({ Contents: [{ Key: 'AWSLogs/1/ELBAccessLogTestFile' }] })
    fake.cloudWatch
      .on(GetMetricDataCommand)
      .resolves({ MetricDataResults: [{ Id: 'cpuutilization', Values: [] }] })
    const found = await findings()
    expect(found['deploy.logs']).toMatchObject({ status: 'passed' })
    expect(found['deploy.access-logs']).toMatchObject({
      status: 'failed',
      evidence: expect.stringContaining('0 access logs')
    })
    expect(found['deploy.metrics']).toMatchObject({
      status: 'failed',
      evidence: expect.stringContaining('CPUUtilization 0, MemoryUtilization 0')
    })
    fake.logs.on(FilterLogEventsCommand).resolves({ events: [], nextToken: 'more' })
    expect((await findings())['deploy.logs']).toMatchObject({ status: 'failed' })
  })

  test('a service that stays pending and then comes up passes', async () => {
    const service = {
      taskDefinition: 'task:a',
      desiredCount: 2,
      deployments: [{ rolloutState: 'COMPLETED' as const }]
    }
    fake.ecs
      .on(DescribeServicesCommand)
      .resolvesOnce({ services: [{ ...service, runningCount: 0 }] })
      .resolves({ services: [{ ...service, runningCount: 2 }] })
    const probes = await target({}, 10_000).probes({ version, digest: digest('a') })
    expect(await probes['deploy.service-running']?.({ signal: new AbortController().signal })).toMatchObject({
      status: 'passed'
    })
  })

  test('keep the proof with the version', async () => {
    await target().recordProof('failed')
    expect(written()).toMatchObject([{ v: 'aaaaaaa', p: 'failed' }, { v: 'bbbbbbb' }])
  })

  test('give their proof to the live version, wherever the history has it, and to no other', async () => {
    fake.ssm
      .on(GetParameterCommand)
      .resolves({ Parameter: { Value: JSON.stringify([entry('b'), entry('a', 'none')]) } })
    await target().recordProof('failed')
    expect(written()).toMatchObject([
      { v: 'bbbbbbb', p: 'passed' },
      { v: 'aaaaaaa', p: 'failed' }
    ])
    fake.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: JSON.stringify([entry('b')]) } })
    await target().recordProof('failed')
    expect(fake.ssm.commandCalls(PutParameterCommand)).toHaveLength(1)
  })
})
