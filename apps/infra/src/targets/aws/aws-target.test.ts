import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { PutImageCommand } from '@aws-sdk/client-ecr'
import { DescribeServicesCommand } from '@aws-sdk/client-ecs'
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readPipelineEnvironment } from '@fast-mcp/validation'
import { entry, name, refusal, registry, stackOf } from '../../../test/aws-account.ts'
import { selectTarget } from '../../select-target.ts'
import { AwsTarget } from './aws-target.ts'
import { type AwsWorld, awsWorld, request, version } from '../../../test/aws-world.ts'

let world: AwsWorld

beforeEach(async () => {
  world = await awsWorld()
})

afterEach(() => world.end())

test('is the target where a registry of ECR is named', async () => {
  const context = {
    workspace: world.workspace,
    environment: readPipelineEnvironment({ ECR_REGISTRY: registry }),
    signal: new AbortController().signal,
    report: () => undefined
  }
  expect(await selectTarget(context)).toBeInstanceOf(AwsTarget)
})

describe('deploy', () => {
  test('does nothing where this very version is live and healthy', async () => {
    const deployment = await world.target().deploy(request)
    expect(deployment).toMatchObject({
      changed: false,
      outputs: { TARGET: 'aws', STACK_NAME: name, REGION: 'us-east-1' }
    })
  })

  test('takes commits only', async () => {
    await expect(
      world.target().deploy({ ...request, version: { ...version, dirty: true } })
    ).rejects.toMatchObject({
      code: 'dirty-tree'
    })
  })

  test('refuses credentials of another account', async () => {
    world.fake.sts.on(GetCallerIdentityCommand).resolves({ Account: '999999999999' })
    await expect(world.target().deploy(request)).rejects.toMatchObject({ code: 'aws-account' })
  })

  test.each(['ROLLBACK_COMPLETE', 'UPDATE_ROLLBACK_FAILED', 'DELETE_FAILED'] as const)(
    'does not start from %s, and offers the command that leads out',
    async (state) => {
      world.fake.cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stackOf('a', state)] })
      await expect(world.target().deploy(request)).rejects.toMatchObject({
        code: 'stack-stuck',
        remedy: expect.stringMatching(/infra:destroy -- --yes|continue-update-rollback/)
      })
    }
  )

  test('does not disturb a deployment of somebody else', async () => {
    world.fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolves({ Stacks: [stackOf('a', 'UPDATE_IN_PROGRESS')] })
    await expect(world.target().deploy(request)).rejects.toMatchObject({ code: 'stack-busy' })
  })

  test('waits for what an interrupted deployment of this workspace left going', async () => {
    await writeFile(join(world.workspace, `.local/deploying-${name}.json`), '{}')
    world.fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolvesOnce({ Stacks: [stackOf('a', 'UPDATE_IN_PROGRESS')] })
      .resolvesOnce({ Stacks: [stackOf('a', 'UPDATE_IN_PROGRESS')] })
      .resolves({ Stacks: [stackOf()] })
    world.fake.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: JSON.stringify([entry('b')]) } })
    expect(await world.target().deploy(request)).toMatchObject({ changed: true })
    expect(world.lines).toEqual([expect.stringContaining('what was interrupted goes on')])
    expect(existsSync(join(world.workspace, `.local/deploying-${name}.json`))).toBe(false)
  })

  test('writes down what an interrupted deployment made live, and tags its image, once', async () => {
    world.fake.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: JSON.stringify([entry('b')]) } })
    await world.target().deploy(request)
    expect(world.written()).toMatchObject([
      { v: 'aaaaaaa', p: 'none' },
      { v: 'bbbbbbb', p: 'passed' }
    ])
    expect(world.fake.ecr.commandCalls(PutImageCommand)[0]?.args[0].input).toMatchObject({
      imageTag: 'deployed-aaaaaaa'
    })
    world.fake.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: JSON.stringify([entry('a')]) } })
    expect(await world.target().deploy(request)).toMatchObject({ changed: false })
    expect(world.fake.ssm.commandCalls(PutParameterCommand)).toHaveLength(1)
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
    world.fake.sts.on(GetCallerIdentityCommand).rejects(refusal(errorName, message))
    await expect(world.target().deploy(request)).rejects.toMatchObject({
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
    world.fake.ecs.on(DescribeServicesCommand).rejects(error)
    world.fake.ssm.on(GetParameterCommand).rejects(error)
    await expect(world.target()[method]()).rejects.toMatchObject({
      code: 'aws-denied',
      remedy: expect.stringContaining('docs/iam.md')
    })
  })

  test('a denied action is found in the policy that grants it', async () => {
    world.fake.ssm
      .on(GetParameterCommand)
      .rejects(refusal('AccessDeniedException', 'User: me is not authorized to perform: ssm:GetParameter'))
    await expect(world.target().status()).rejects.toMatchObject({
      message: expect.stringContaining('ssm:GetParameter'),
      remedy: 'Grant it: statement History of the policy for phase deploy, in docs/iam.md.'
    })
  })

  test('what is no refusal stays what it is', async () => {
    world.fake.sts.on(GetCallerIdentityCommand).rejects(refusal('Strange', 'something else'))
    await expect(world.target().deploy(request)).rejects.toMatchObject({ name: 'Strange' })
  })
})
