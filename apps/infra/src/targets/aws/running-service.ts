import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  type ECSClient,
  type Task
} from '@aws-sdk/client-ecs'
import {
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  type TargetHealthDescription
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { CodedError } from '@fast-mcp/errors'

/** The ECS service as it is. */
export interface RunningService {
  readonly taskDefinition: string
  /** Image of its container, by digest. */
  readonly image: string
  readonly desired: number
  readonly running: number
  /** Of the newest rollout: `IN_PROGRESS`, `COMPLETED`, `FAILED`. */
  readonly rollout: string
  readonly rolloutReason: string
  /** Rollouts at work, the newest included. */
  readonly rollouts: number
  readonly tags: Readonly<Record<string, string>>
}

/** Which service: names as in the stack's outputs. */
export interface ServiceNames {
  readonly cluster: string
  readonly service: string
}

/** Throws CodedError `not-deployed` where there is no such service. */
export async function readService(client: ECSClient, names: ServiceNames): Promise<RunningService> {
  const { services = [] } = await client.send(
    new DescribeServicesCommand({ cluster: names.cluster, services: [names.service], include: ['TAGS'] })
  )
  const [service] = services
  const taskDefinition = service?.taskDefinition
  if (service === undefined || taskDefinition === undefined || service.status === 'INACTIVE')
    throw new CodedError('not-deployed', `there is no service ${names.service} in cluster ${names.cluster}`, {
      remedy: 'Run `make deploy`.'
    })
  const described = await client.send(new DescribeTaskDefinitionCommand({ taskDefinition }))
  const [newest] = service.deployments ?? []
  return {
    taskDefinition,
    image: described.taskDefinition?.containerDefinitions?.[0]?.image ?? 'none',
    desired: service.desiredCount ?? 0,
    running: service.runningCount ?? 0,
    rollout: newest?.rolloutState ?? 'UNKNOWN',
    rolloutReason: newest?.rolloutStateReason ?? '',
    rollouts: service.deployments?.length ?? 0,
    tags: Object.fromEntries((service.tags ?? []).map(({ key = '', value = '' }) => [key, value]))
  }
}

/** The service's tasks, those that run or, with `STOPPED`, those that ended within the last hour. */
export async function listTasks(
  client: ECSClient,
  { cluster, service }: ServiceNames,
  desiredStatus: 'RUNNING' | 'STOPPED'
): Promise<readonly Task[]> {
  const { taskArns = [] } = await client.send(
    new ListTasksCommand({ cluster, serviceName: service, desiredStatus })
  )
  if (taskArns.length === 0) return []
  return (await client.send(new DescribeTasksCommand({ cluster, tasks: taskArns }))).tasks ?? []
}

/** Last part of a task's ARN. */
export function taskId({ taskArn = '' }: Task): string {
  return taskArn.split('/').at(-1) ?? taskArn
}

export async function readTargets(
  client: ElasticLoadBalancingV2Client,
  targetGroup: string
): Promise<readonly TargetHealthDescription[]> {
  const found = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroup }))
  return found.TargetHealthDescriptions ?? []
}
