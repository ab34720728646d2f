import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { DescribeImagesCommand } from '@aws-sdk/client-ecr'
import { DescribeServicesCommand, ListTasksCommand } from '@aws-sdk/client-ecs'
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm'
import { type Finding } from '@fast-mcp/validation'
import { digest, entry, refusal } from '../../../test/aws-account.ts'
import { type AwsWorld, awsWorld, version } from '../../../test/aws-world.ts'

let world: AwsWorld

beforeEach(async () => {
  world = await awsWorld()
})

afterEach(() => world.end())

describe('the probes', () => {
  async function findings(): Promise<Record<string, Finding>> {
    const probes = await world.target().probes({ version, digest: digest('a') })
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
    world.fake.ecs.on(DescribeServicesCommand).resolves({
      services: [
        {
          taskDefinition: 'task:old',
          desiredCount: 2,
          runningCount: 2,
          deployments: [{ rolloutState: 'IN_PROGRESS' }, {}]
        }
      ]
    })
    world.fake.balancing.on(DescribeTargetHealthCommand).resolves({ TargetHealthDescriptions: [] })
    world.fake.ecs.on(ListTasksCommand).resolves({ taskArns: [] })
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
    world.fake.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: JSON.stringify(history) } })
    expect((await findings())['deploy.rollback']).toMatchObject({
      status: 'passed',
      evidence: expect.stringContaining('bbbbbbb')
    })
    world.fake.ecr.on(DescribeImagesCommand).rejects(refusal('ImageNotFoundException', 'no such image'))
    expect((await findings())['deploy.rollback']).toMatchObject({
      status: 'failed',
      evidence: expect.stringContaining('its image is no longer in quilt-mcp')
    })
    const none = [entry('a'), entry('c', 'failed')]
    world.fake.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: JSON.stringify(none) } })
    expect((await findings())['deploy.rollback']).toMatchObject({ status: 'not-applicable' })
  })

  test('empty pages of logs are gone past, and the test file of a load balancer is no access log', async () => {
    world.fake.logs
      .on(FilterLogEventsCommand)
      .resolves({ events: [], nextToken: '1' })
      .on(FilterLogEventsCommand, { nextToken: '1' })
      .resolves({ events: [{ message: 'x' }] })
    world.fake.s3.on(ListObjectsV2Command).resolves({ Contents: [{ Key: 'AWSLogs/1/ELBAccessLogTestFile' }] })
    world.fake.cloudWatch
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
    world.fake.logs.on(FilterLogEventsCommand).resolves({ events: [], nextToken: 'more' })
    expect((await findings())['deploy.logs']).toMatchObject({ status: 'failed' })
  })

  test('a service that stays pending and then comes up passes', async () => {
    const service = {
      taskDefinition: 'task:a',
      desiredCount: 2,
      deployments: [{ rolloutState: 'COMPLETED' as const }]
    }
    world.fake.ecs
      .on(DescribeServicesCommand)
      .resolvesOnce({ services: [{ ...service, runningCount: 0 }] })
      .resolves({ services: [{ ...service, runningCount: 2 }] })
    const probes = await world.target(10_000).probes({ version, digest: digest('a') })
    expect(await probes['deploy.service-running']?.({ signal: new AbortController().signal })).toMatchObject({
      status: 'passed'
    })
  })

  test('keep the proof with the version', async () => {
    await world.target().recordProof('failed')
    expect(world.written()).toMatchObject([{ v: 'aaaaaaa', p: 'failed' }, { v: 'bbbbbbb' }])
  })

  test('give their proof to the live version, wherever the history has it, and to no other', async () => {
    world.fake.ssm
      .on(GetParameterCommand)
      .resolves({ Parameter: { Value: JSON.stringify([entry('b'), entry('a', 'none')]) } })
    await world.target().recordProof('failed')
    expect(world.written()).toMatchObject([
      { v: 'bbbbbbb', p: 'passed' },
      { v: 'aaaaaaa', p: 'failed' }
    ])
    world.fake.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: JSON.stringify([entry('b')]) } })
    await world.target().recordProof('failed')
    expect(world.fake.ssm.commandCalls(PutParameterCommand)).toHaveLength(1)
  })
})
