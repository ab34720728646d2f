import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { DescribeStackEventsCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { DescribeServicesCommand } from '@aws-sdk/client-ecs'
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { GetParameterCommand } from '@aws-sdk/client-ssm'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { readPipelineEnvironment } from '@fast-mcp/validation'
import { digest, name, refusal, registry, stackOf } from '../../../test/aws-account.ts'
import { showDiff } from '../../diff/show-diff.ts'
import { exitCodes, gatherStatus } from '../../status/gather.ts'
import { type AwsWorld, awsWorld } from '../../../test/aws-world.ts'

let world: AwsWorld

beforeEach(async () => {
  world = await awsWorld()
})

afterEach(() => world.end())

describe('status', () => {
  test('of a healthy stack names version, tasks, cost, drift and events', async () => {
    const event = {
      EventId: '1',
      StackId: 'x',
      StackName: name,
      Timestamp: new Date(0),
      LogicalResourceId: 'Service'
    }
    world.fake.cloudFormation
      .on(DescribeStackEventsCommand)
      .resolves({ StackEvents: [{ ...event, ResourceStatus: 'UPDATE_COMPLETE' }] })
    expect(await world.target().status()).toMatchObject({
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
    const { deployment } = await gatherStatus(world.workspace, world.target())
    expect(deployment).toMatchObject({ state: 'healthy', target: 'aws' })
    expect(exitCodes[deployment.state]).toBe(0)
  })

  test('and diff with credentials of another account name both accounts', async () => {
    world.fake.sts.on(GetCallerIdentityCommand).resolves({ Account: '999999999999' })
    const refused = {
      code: 'aws-account',
      message: expect.stringMatching(/999999999999.*123456789012/)
    }
    await expect(world.target().status()).rejects.toMatchObject(refused)
    const environment = readPipelineEnvironment({ ECR_REGISTRY: registry })
    await expect(showDiff(world.workspace, environment, world.fake.clients.sts)).rejects.toMatchObject(
      refused
    )
  })

  test('of no stack says that nothing is deployed', async () => {
    world.fake.cloudFormation
      .on(DescribeStacksCommand)
      .rejects(refusal('ValidationError', `Stack with id ${name} does not exist`))
    expect(await world.target().status()).toEqual({ state: 'not-deployed', target: 'aws' })
  })

  test.each([
    ['CREATE_IN_PROGRESS', /run make status again/],
    ['ROLLBACK_COMPLETE', /infra:destroy -- --yes/]
  ] as const)('of a stack without a service in %s says what to do', async (state, note) => {
    world.fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolves({ Stacks: [{ ...stackOf('a', state), Outputs: [] }] })
    expect(await world.target().status()).toMatchObject({
      state: 'not-deployed',
      note: expect.stringMatching(note)
    })
  })

  test('names everything that is not healthy, and an empty list of targets is not', async () => {
    world.fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolves({ Stacks: [stackOf('a', 'UPDATE_ROLLBACK_FAILED')] })
    world.fake.ecs.on(DescribeServicesCommand).resolves({
      services: [
        {
          taskDefinition: 'task:old',
          desiredCount: 2,
          runningCount: 1,
          deployments: [{ rolloutState: 'FAILED' }]
        }
      ]
    })
    world.fake.balancing.on(DescribeTargetHealthCommand).resolves({ TargetHealthDescriptions: [] })
    const status = await world.target().status()
    expect(status).toMatchObject({ state: 'unhealthy' })
    expect('problems' in status ? status.problems.join('\n') : '').toMatch(
      /UPDATE_ROLLBACK_FAILED.*rollout is FAILED.*1 of 2 tasks run.*0 of 0 targets.*runs task:old, the stack has task:a/s
    )
  })

  test('knows the live version where an interrupted deployment did not write it down', async () => {
    world.fake.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: '[]' } })
    expect(await world.target().status()).toMatchObject({
      history: [{ version: { sha: 'aaaaaaa' }, proof: 'none' }]
    })
    world.fake.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: 'edited' } })
    await expect(world.target().status()).rejects.toMatchObject({ code: 'state-invalid' })
  })
})
