import { describe, expect, test } from '@jest/globals'
import { ListStackResourcesCommand } from '@aws-sdk/client-cloudformation'
import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { DescribeTasksCommand } from '@aws-sdk/client-ecs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fakeAccount, name, refusal } from '../../../test/aws-account.ts'
import { within } from './cloud-assembly.ts'
import { watchTasks } from './watch-tasks.ts'

const resources = ['Cluster', 'Service'].map((part) => ({
  ResourceType: `AWS::ECS::${part}`,
  LogicalResourceId: part,
  PhysicalResourceId: part.toLowerCase(),
  LastUpdatedTimestamp: new Date(),
  ResourceStatus: 'CREATE_COMPLETE' as const
}))
const logs = {
  ResourceType: 'AWS::Logs::LogGroup',
  LogicalResourceId: 'Logs',
  PhysicalResourceId: 'logs-1',
  LastUpdatedTimestamp: new Date(),
  ResourceStatus: 'CREATE_COMPLETE' as const
}

function watching(fake: ReturnType<typeof fakeAccount>): () => Promise<string> {
  return watchTasks({ clients: fake.clients, stackName: name, since: new Date(0), pauseMs: 1 })
}

describe('the tasks of a stack that is made', () => {
  test('are seen before CloudFormation deletes them again, with what they logged', async () => {
    const fake = fakeAccount()
    fake.ecs
      .on(DescribeTasksCommand)
      .resolves({ tasks: [{ taskArn: 'arn:task/cluster/t9', stoppedReason: 'Essential container exited' }] })
    fake.cloudFormation
      .on(ListStackResourcesCommand)
      .rejectsOnce(refusal('ValidationError', `Stack with id ${name} does not exist`))
      .resolvesOnce({ StackResourceSummaries: resources })
      .resolvesOnce({ StackResourceSummaries: [...resources, logs] })
      .resolves({ StackResourceSummaries: [] })
    const end = watching(fake)
    while (fake.cloudFormation.commandCalls(ListStackResourcesCommand).length < 5) await sleep(1)
    expect(await end()).toBe('task t9: Essential container exited\n  cannot read configuration')
    expect(fake.logs.commandCalls(GetLogEventsCommand)[0]?.args[0].input).toMatchObject({
      logGroupName: 'logs-1'
    })
  })

  test('that may not be looked at are named as such', async () => {
    const fake = fakeAccount()
    fake.cloudFormation
      .on(ListStackResourcesCommand)
      .rejects(refusal('AccessDenied', 'not authorized to perform: cloudformation:ListStackResources'))
    expect(await watching(fake)()).toMatch(/which task stopped could not be learned: .*ListStackResources/)
  })
})

describe('waiting for the toolkit', () => {
  const never = new Promise(() => undefined)

  test('ends with an interrupt', async () => {
    const abort = new AbortController()
    const waiting = within(never, 60_000, abort.signal)
    abort.abort()
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
  })

  test('ends with the time limit, which says what to do', async () => {
    await expect(within(never, 1, new AbortController().signal)).rejects.toMatchObject({
      code: 'aws-unavailable',
      remedy: expect.stringContaining('make status')
    })
  })

  test('gives what the work throws', async () => {
    const failed = within(Promise.reject(new Error('no')), 60_000, new AbortController().signal)
    await expect(failed).rejects.toThrow('no')
  })
})
