import { DescribeStackEventsCommand, type StackEvent } from '@aws-sdk/client-cloudformation'
import type { DeploymentStatus, HistoryEntry, TaskStatus } from '../../target.ts'
import type { AwsClients } from './clients.ts'
import { readHistory } from './history.ts'
import { monthlyCost } from './monthly-cost.ts'
import { listTasks, readService, readTargets, taskId } from './running-service.ts'
import { stackOutputs } from './aws-outputs.ts'
import { stackResources } from './stack-resources.ts'
import { isBusy, isWhole, readStack, type StackState } from './stack-state.ts'

/** What runs on AWS, asked in two rounds. */
export async function awsStatus(clients: AwsClients, name: string): Promise<DeploymentStatus> {
  const stack = await readStack(clients.cloudFormation, name)
  if (stack === undefined) return { state: 'not-deployed', target: 'aws' }
  if (stack.outputs['ServiceName'] === undefined) return withoutService(stack)
  const outputs = stackOutputs(stack)
  const names = { cluster: outputs.cluster, service: outputs.service }
  const [service, running, targets, history, events, resources] = await Promise.all([
    readService(clients.ecs, names),
    listTasks(clients.ecs, names, 'RUNNING'),
    readTargets(clients.balancing, outputs.targetGroup),
    readHistory(clients.ssm, outputs.historyParameter),
    clients.cloudFormation.send(new DescribeStackEventsCommand({ StackName: stack.id })),
    stackResources(clients.cloudFormation, stack.id)
  ])
  const healthy = targets.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length
  const problems = [
    ...(isWhole(stack)
      ? []
      : [`the stack is in ${stack.status}${stack.reason === undefined ? '' : `: ${stack.reason}`}`]),
    ...(service.rollout === 'COMPLETED'
      ? []
      : [`the rollout is ${service.rollout}: ${service.rolloutReason}`]),
    ...(service.running >= service.desired ? [] : [`${service.running} of ${service.desired} tasks run`]),
    ...(healthy >= Math.max(1, service.desired) && healthy === targets.length
      ? []
      : [`${healthy} of ${targets.length} targets are healthy, ${service.desired} desired`]),
    ...(service.taskDefinition === outputs.taskDefinition
      ? []
      : [`the service runs ${service.taskDefinition}, the stack has ${outputs.taskDefinition}`])
  ]
  const types = resources.map(({ ResourceType = '' }) => ResourceType)
  return {
    state: problems.length === 0 ? 'healthy' : 'unhealthy',
    target: 'aws',
    problems,
    endpoint: outputs.endpoint,
    desiredCount: service.desired,
    tasks: running.map((task): TaskStatus => {
      const address = task.attachments?.[0]?.details?.find(
        ({ name: key }) => key === 'privateIPv4Address'
      )?.value
      const target = targets.find(({ Target }) => Target?.Id === address)
      return {
        name: taskId(task),
        health: task.lastStatus === 'RUNNING' && task.healthStatus !== 'UNHEALTHY' ? 'healthy' : 'unhealthy',
        address: address ?? 'no address',
        check: target?.TargetHealth?.State ?? task.lastStatus ?? '',
        startedAt: (task.startedAt ?? task.createdAt ?? new Date()).toISOString(),
        requests: 0,
        active: 0,
        serverErrors: 0
      }
    }),
    parts: [
      { name: 'stack', what: stack.name, state: stack.status },
      { name: 'load balancer', what: outputs.loadBalancerUrl, state: `${healthy} healthy targets` },
      {
        name: 'drift',
        // A detection takes a minute or more: too long to start one here.
        what: `by CloudFormation’s last detection; a new one: aws cloudformation detect-stack-drift --stack-name ${stack.name}`,
        state: driftOf(stack)
      },
      {
        name: 'cost',
        what: 'estimate per month without traffic',
        state: `${monthlyCost({
          tasks: service.desired,
          natGateways: types.filter((type) => type === 'AWS::EC2::NatGateway').length,
          publicAddresses: types.includes('AWS::CloudFront::Distribution')
            ? service.desired
            : service.desired + 2,
          firewall: types.includes('AWS::WAFv2::WebACL')
        })} USD`
      },
      ...(events.StackEvents ?? []).slice(0, 3).map(eventPart)
    ],
    history: fillHistory(history, stack, service.image)
  }
}

/** A stack whose first creation is at work, or failed. */
function withoutService(stack: StackState): DeploymentStatus {
  const note = isBusy(stack)
    ? `the stack ${stack.name} is in ${stack.status}: wait, and run make status again`
    : `the stack ${stack.name} is in ${stack.status}${stack.reason === undefined ? '' : ` (${stack.reason})`}: npx nx run infra:destroy -- --yes, then make deploy`
  return { state: 'not-deployed', target: 'aws', note }
}

function eventPart(event: StackEvent): { name: string; what: string; state: string } {
  return {
    name: 'event',
    what: `${event.Timestamp?.toISOString() ?? ''} ${event.LogicalResourceId ?? ''}`,
    state: event.ResourceStatus ?? ''
  }
}

function driftOf({ drift }: StackState): string {
  const checked = drift.checkedAt === undefined ? '' : ` at ${drift.checkedAt.toISOString()}`
  return `${drift.status}${checked}`
}

/** The live version first, also where an interrupted deployment did not get to write it down. */
function fillHistory(
  history: readonly HistoryEntry[],
  { parameters, updatedAt }: StackState,
  image: string
): readonly HistoryEntry[] {
  const digest = image.split('@')[1] ?? image
  const known = history.find((entry) => entry.digest === digest)
  const live = known ?? {
    version: {
      sha: parameters['Version'] ?? 'unknown',
      fullSha: parameters['Revision'] ?? 'unknown',
      dirty: false,
      committedAt: new Date(0).toISOString()
    },
    digest,
    deployedAt: (updatedAt ?? new Date(0)).toISOString(),
    proof: 'none' as const
  }
  return [live, ...history.filter((entry) => entry !== known)]
}
