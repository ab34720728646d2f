import { GetLogEventsCommand, type CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import type { Task } from '@aws-sdk/client-ecs'
import {
  DescribeStackEventsCommand,
  type CloudFormationClient,
  type StackEvent
} from '@aws-sdk/client-cloudformation'
import type { AwsClients } from './clients.ts'
import { listTasks, taskId, type ServiceNames } from './running-service.ts'

const logLines = 20

/**
 * Why a rollout failed, as text: the first resource that failed since `since` with its reason, and of the first task
 * that stopped, why and the last lines it logged.
 */
export async function firstFailure(
  clients: AwsClients,
  stack: string,
  since: Date,
  names: (ServiceNames & { readonly logGroup: string }) | undefined
): Promise<string> {
  const resource = await failedResource(clients.cloudFormation, stack, since)
  const task = names === undefined ? undefined : await stoppedTask(clients, names, since)
  const log =
    task === undefined || names === undefined ? [] : await lastLines(clients.logs, names.logGroup, task)
  return [
    ...(resource === undefined ? [] : [resource]),
    ...(task === undefined ? [] : [describeTask(task)]),
    ...log.map((line) => `  ${line}`)
  ].join('\n')
}

async function failedResource(
  client: CloudFormationClient,
  stack: string,
  since: Date
): Promise<string | undefined> {
  const StackEvents = await stackEvents(client, stack)
  // Newest first; what was cancelled because of the first failure is not the reason.
  const failed = StackEvents.filter(
    ({ ResourceStatus = '', ResourceStatusReason = '', Timestamp }) =>
      (Timestamp === undefined || Timestamp >= since) &&
      /FAILED$|ROLLBACK_IN_PROGRESS$/.test(ResourceStatus) &&
      ResourceStatusReason !== '' &&
      !/cancelled/i.test(ResourceStatusReason)
  ).at(-1)
  if (failed === undefined) return undefined
  return `${failed.LogicalResourceId} (${failed.ResourceType}): ${failed.ResourceStatusReason}`
}

/** None where the stack was not even made. */
async function stackEvents(client: CloudFormationClient, stack: string): Promise<readonly StackEvent[]> {
  try {
    return (await client.send(new DescribeStackEventsCommand({ StackName: stack }))).StackEvents ?? []
  } catch (error) {
    if (error instanceof Error && /does not exist/.test(error.message)) return []
    throw error
  }
}

async function stoppedTask(clients: AwsClients, names: ServiceNames, since: Date): Promise<Task | undefined> {
  const stopped = await listTasks(clients.ecs, names, 'STOPPED')
  return stopped
    .filter(({ createdAt }) => createdAt === undefined || createdAt >= since)
    .toSorted((a, b) => Number(a.stoppedAt ?? 0) - Number(b.stoppedAt ?? 0))[0]
}

/** One line: why a task stopped, and how its container ended. */
export function describeTask(task: Task): string {
  const [container] = task.containers ?? []
  const exit = container?.exitCode === undefined ? '' : `, exit code ${container.exitCode}`
  const reason = container?.reason === undefined ? '' : `, ${container.reason}`
  return `task ${taskId(task)}: ${task.stoppedReason ?? 'stopped'}${exit}${reason}`
}

async function lastLines(
  client: CloudWatchLogsClient,
  logGroup: string,
  task: Task
): Promise<readonly string[]> {
  try {
    const { events = [] } = await client.send(
      new GetLogEventsCommand({
        logGroupName: logGroup,
        logStreamName: logStream(task),
        limit: logLines,
        startFromHead: false
      })
    )
    return events.map(({ message = '' }) => message)
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return ['(it logged nothing)']
    throw error
  }
}

/** Stream of a task's only container. Source: Amazon ECS, "awslogs": prefix/container/task. */
export function logStream(task: Task): string {
  return `server/server/${taskId(task)}`
}
