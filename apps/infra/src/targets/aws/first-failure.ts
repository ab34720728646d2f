import { GetLogEventsCommand, type CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import type { Task } from '@aws-sdk/client-ecs'
import {
  DescribeStackEventsCommand,
  type CloudFormationClient,
  type StackEvent
} from '@aws-sdk/client-cloudformation'
import type { AwsClients } from './clients.ts'
import { learned } from './learned.ts'
import { listTasks, taskId, type ServiceNames } from './running-service.ts'

const logLines = 20

/** Where tasks and their lines are found. */
export interface TaskNames extends ServiceNames {
  readonly logGroup: string
}

/**
 * Why a rollout failed, as text: the first resource that failed since `since` with its reason, and of the first task
 * that stopped, why and the last lines it logged. What could not be learned is a line that says so.
 */
export async function firstFailure(
  clients: AwsClients,
  stack: string,
  since: Date,
  names: TaskNames | undefined
): Promise<string> {
  const parts = await Promise.all([
    learned('which resource failed', () => failedResource(clients.cloudFormation, stack, since)),
    names === undefined ? '' : learned('which task stopped', () => firstTask(clients, names, since))
  ])
  return parts.filter((part) => part !== '').join('\n')
}

/** Of the first task that stopped since then: why, and the last lines it logged. Empty where none did. */
export async function firstTask(clients: AwsClients, names: TaskNames, since: Date): Promise<string> {
  const task = await stoppedTask(clients, names, since)
  if (task === undefined) return ''
  const log = await learned('what it logged', () => lastLines(clients.logs, names.logGroup, task))
  return [describeTask(task), ...(log === '' ? [] : [log.replaceAll(/^/gm, '  ')])].join('\n')
}

async function failedResource(client: CloudFormationClient, stack: string, since: Date): Promise<string> {
  const StackEvents = await stackEvents(client, stack)
  // Newest first; what was cancelled because of the first failure is not the reason.
  const failed = StackEvents.filter(
    ({ ResourceStatus = '', ResourceStatusReason = '', Timestamp }) =>
      (Timestamp === undefined || Timestamp >= since) &&
      /FAILED$|ROLLBACK_IN_PROGRESS$/.test(ResourceStatus) &&
      ResourceStatusReason !== '' &&
      !/cancelled/i.test(ResourceStatusReason)
  ).at(-1)
  if (failed === undefined) return ''
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

async function lastLines(client: CloudWatchLogsClient, logGroup: string, task: Task): Promise<string> {
  try {
    const { events = [] } = await client.send(
      new GetLogEventsCommand({
        logGroupName: logGroup,
        logStreamName: logStream(task),
        limit: logLines,
        startFromHead: false
      })
    )
    return events.map(({ message = '' }) => message.trimEnd()).join('\n')
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return '(it logged nothing)'
    throw error
  }
}

/** Stream of a task's only container. Source: Amazon ECS, "awslogs": prefix/container/task. */
export function logStream(task: Task): string {
  return `server/server/${taskId(task)}`
}
