import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import {
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  UpdateStackCommand
} from '@aws-sdk/client-cloudformation'
import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { DescribeImagesCommand } from '@aws-sdk/client-ecr'
import { DescribeTasksCommand, ListTasksCommand } from '@aws-sdk/client-ecs'
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readVersion } from '@fast-mcp/versioning'
import { digest, entry, imageUri, name, refusal, stackOf } from '../../../test/aws-account.ts'
import { commit, initRepository } from '../../../test/git-workspace.ts'
import { firstFailure } from './first-failure.ts'
import { type AwsWorld, awsWorld } from '../../../test/aws-world.ts'

let world: AwsWorld

beforeEach(async () => {
  world = await awsWorld()
})

afterEach(() => world.end())

describe('rollback', () => {
  test('updates the parameters alone, to the last version that passed', async () => {
    world.fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolvesOnce({ Stacks: [stackOf()] })
      .resolves({ Stacks: [stackOf('b')] })
    expect(await world.target().rollback()).toMatchObject({
      version: { sha: 'bbbbbbb' },
      image: { reference: imageUri('b') }
    })
    expect(world.fake.cloudFormation.commandCalls(UpdateStackCommand)[0]?.args[0].input).toMatchObject({
      UsePreviousTemplate: true,
      Parameters: expect.arrayContaining([{ ParameterKey: 'ImageUri', ParameterValue: imageUri('b') }])
    })
    expect(world.written()).toMatchObject([{ v: 'bbbbbbb' }, { v: 'aaaaaaa' }])
  })

  test('is proven against the template that it kept, whatever the workspace has since', async () => {
    world.fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolvesOnce({ Stacks: [stackOf()] })
      .resolves({ Stacks: [stackOf('b')] })
    const back = await world.target().rollback()
    world.fake.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: JSON.stringify(world.written()) } })
    await rm(join(world.workspace, 'dist/cdk.out'), { recursive: true })
    const proof = async () => {
      const probes = await world.target().probes({ version: back.version, digest: back.image.digest })
      return probes['deploy.stack']?.({ signal: new AbortController().signal })
    }
    expect(await proof()).toMatchObject({
      status: 'passed',
      evidence: expect.stringContaining('the one that the rollback kept')
    })
    world.fake.cloudFormation.on(GetTemplateCommand).resolves({ TemplateBody: '{"Resources":{"By":"hand"}}' })
    expect(await proof()).toMatchObject({ status: 'failed' })
  })

  test('to the version that a failed deployment left live changes nothing, and is no failure', async () => {
    world.fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolves({ Stacks: [stackOf('a', 'UPDATE_ROLLBACK_COMPLETE')] })
    world.fake.cloudFormation
      .on(UpdateStackCommand)
      .rejects(refusal('ValidationError', 'No updates are to be performed.'))
    const back = await world.target().rollback('aaaa')
    expect(back).toMatchObject({ changed: false, version: { sha: 'aaaaaaa' } })
    expect(world.fake.ssm.commandCalls(PutParameterCommand)).toEqual([])
    const probes = await world.target().probes({ version: back.version, digest: back.image.digest })
    expect(await probes['deploy.stack']?.({ signal: new AbortController().signal })).toMatchObject({
      status: 'passed',
      evidence: expect.stringContaining('UPDATE_ROLLBACK_COMPLETE')
    })
  })

  test('passes over versions that did not pass, and says so where none is left', async () => {
    world.fake.ssm
      .on(GetParameterCommand)
      .resolves({ Parameter: { Value: JSON.stringify([entry('a'), entry('b', 'failed')]) } })
    await expect(world.target().rollback()).rejects.toMatchObject({
      code: 'no-previous-version',
      remedy: expect.stringContaining('bbbbbbb (checks: failed)')
    })
    await expect(world.target().rollback('no sha')).rejects.toMatchObject({ code: 'no-previous-version' })
  })

  test('takes a named SHA that is in ECR though not in the history', async () => {
    await initRepository(world.workspace)
    await commit(world.workspace, 'second')
    const { sha } = await readVersion(world.workspace)
    world.fake.ecr.on(DescribeImagesCommand).resolves({ imageDetails: [{ imageDigest: digest('c') }] })
    expect(await world.target().rollback(sha)).toMatchObject({
      version: { sha },
      image: { digest: digest('c') }
    })
    world.fake.ecr.on(DescribeImagesCommand).rejects(refusal('ImageNotFoundException', 'no such image'))
    await expect(world.target().rollback(sha)).rejects.toMatchObject({ code: 'no-previous-version' })
  })

  test('that fails says why: the resource, the first task that stopped, its last world.lines, and what serves', async () => {
    world.fake.cloudFormation
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
    world.fake.cloudFormation.on(DescribeStackEventsCommand).resolves({
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
    world.fake.ecs
      .on(ListTasksCommand, { desiredStatus: 'STOPPED' })
      .resolves({ taskArns: ['arn:task/cluster/t9'] })
    world.fake.ecs.on(DescribeTasksCommand, { tasks: ['arn:task/cluster/t9'] }).resolves({
      tasks: [
        {
          taskArn: 'arn:task/cluster/t9',
          createdAt: later,
          stoppedReason: 'Essential container in task exited',
          containers: [{ exitCode: 2 }]
        }
      ]
    })
    await expect(world.target().rollback()).rejects.toMatchObject({
      code: 'rollout-failed',
      message: expect.stringContaining('version aaaaaaa still serves, 2 tasks run, 2 targets are healthy'),
      evidence: expect.stringMatching(
        /Service \(AWS::ECS::Service\): circuit breaker.*\ntask t9: Essential container in task exited, exit code 2\n {2}cannot read configuration/
      )
    })
    expect(existsSync(join(world.workspace, `.local/deploying-${name}.json`))).toBe(false)
  })

  test('that fails keeps its reason where logs, tasks and targets may not be looked at', async () => {
    const failed = { Stacks: [stackOf('a', 'UPDATE_ROLLBACK_COMPLETE')] }
    world.fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolvesOnce({ Stacks: [stackOf()] })
      .resolvesOnce(failed)
      .resolvesOnce(failed)
      .resolvesOnce({ Stacks: [stackOf()] })
      .resolves(failed)
    const denied = (action: string) =>
      refusal('AccessDeniedException', `User: me is not authorized to perform: ${action}`)
    world.fake.logs.on(GetLogEventsCommand).rejects(denied('logs:GetLogEvents'))
    world.fake.balancing
      .on(DescribeTargetHealthCommand)
      .rejects(denied('elasticloadbalancing:DescribeTargetHealth'))
    await expect(world.target().rollback()).rejects.toMatchObject({
      code: 'rollout-failed',
      message: expect.stringMatching(/what serves now could not be learned: .*DescribeTargetHealth/),
      evidence: expect.stringMatching(
        /task t1: stopped\n {2}what it logged could not be learned: .*GetLogEvents/
      )
    })
    world.fake.ecs.on(ListTasksCommand).rejects(denied('ecs:ListTasks'))
    await expect(world.target().rollback()).rejects.toMatchObject({
      code: 'rollout-failed',
      evidence: expect.stringMatching(/^which task stopped could not be learned: .*ecs:ListTasks/)
    })
  })

  test('that AWS refuses says what serves, beside what was refused', async () => {
    world.fake.cloudFormation
      .on(UpdateStackCommand)
      .rejects(refusal('AccessDenied', 'User: me is not authorized to perform: cloudformation:UpdateStack'))
    await expect(world.target().rollback()).rejects.toMatchObject({
      code: 'aws-denied',
      message: expect.stringMatching(/cloudformation:UpdateStack; version aaaaaaa still serves/)
    })
  })

  test('that loses sight of CloudFormation leaves word that it is at work', async () => {
    world.fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolvesOnce({ Stacks: [stackOf()] })
      .resolves({ Stacks: [stackOf('b', 'UPDATE_IN_PROGRESS')] })
    world.fake.cloudFormation
      .on(DescribeStackEventsCommand)
      .rejects(refusal('ThrottlingException', 'Rate exceeded'))
    await expect(world.target().rollback()).rejects.toMatchObject({
      code: 'aws-unavailable',
      message: expect.stringContaining('CloudFormation is still at work (UPDATE_IN_PROGRESS)')
    })
    expect(existsSync(join(world.workspace, `.local/deploying-${name}.json`))).toBe(true)
  })

  test('of a stack that was never made has no first failure to show', async () => {
    world.fake.cloudFormation
      .on(DescribeStackEventsCommand)
      .rejects(refusal('ValidationError', `Stack [${name}] does not exist`))
    expect(await firstFailure(world.fake.clients, name, new Date(0), undefined)).toBe('')
  })

  test('that leaves the stack stuck does not say that anything serves', async () => {
    world.fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolvesOnce({ Stacks: [stackOf()] })
      .resolves({ Stacks: [stackOf('a', 'UPDATE_ROLLBACK_FAILED')] })
    const later = new Date(Date.now() + 60_000)
    world.fake.ecs
      .on(DescribeTasksCommand)
      .resolves({ tasks: [{ taskArn: 'arn:task/cluster/t9', createdAt: later }] })
    world.fake.logs.on(GetLogEventsCommand).rejects(refusal('ResourceNotFoundException', 'no stream'))
    await expect(world.target().rollback()).rejects.toMatchObject({
      message: expect.stringContaining('nothing serves'),
      evidence: expect.stringContaining('(it logged nothing)')
    })
  })

  test('of nothing says that nothing is deployed', async () => {
    world.fake.cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [] })
    await expect(world.target().rollback()).rejects.toMatchObject({ code: 'not-deployed' })
  })
})
