import { DescribeImagesCommand } from '@aws-sdk/client-ecr'
import { GetTemplateCommand, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation'
import { ListMetricsCommand } from '@aws-sdk/client-cloudwatch'
import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  DescribeLoadBalancerAttributesCommand,
  DescribeTargetGroupsCommand
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import type { Finding, Probe } from '@fast-mcp/validation'
import { versionTag } from '@fast-mcp/versioning'
import { readIfThere } from '../../read-if-there.ts'
import { templatePath } from '../../template-path.ts'
import type { ExpectedDeployment } from '../../target.ts'
import { requireCaller, type AwsPlace } from './account.ts'
import { stackOutputs } from './aws-outputs.ts'
import type { AwsClients } from './clients.ts'
import { explained } from './explain.ts'
import { logStream } from './first-failure.ts'
import { readHistory } from './history.ts'
import { listTasks, readService, readTargets, taskId } from './running-service.ts'
import { isWhole, liveDigest, type StackState } from './stack-state.ts'
import { sameTemplate, templateHash } from './templates.ts'
import { waitFor, type Patience } from './wait-for.ts'

export interface AwsProbes extends ExpectedDeployment {
  readonly workspace: string
  readonly clients: AwsClients
  readonly place: AwsPlace
  readonly stack: StackState
  readonly repository: string
  readonly patience: Patience
}

/** Every task has logged something within that time. */
const logWindowMs = 15 * 60_000

/** The probes of phase deploy that ask AWS, by check id. Each waits for what may take a moment to come about. */
export function awsProbes(options: AwsProbes): Readonly<Record<string, Probe>> {
  const { clients, place, stack, version, digest, patience } = options
  const outputs = stackOutputs(stack)
  const names = { cluster: outputs.cluster, service: outputs.service }
  const waiting =
    (ask: () => Promise<Finding>): Probe =>
    ({ signal }) =>
      explained(() => waitFor(ask, signal, patience))
  const once =
    (ask: () => Promise<Finding>): Probe =>
    () =>
      explained(ask)
  return {
    'deploy.credentials': once(async () => {
      const arn = await requireCaller(clients.sts, place)
      return finding(true, `${arn}, region ${place.region}`)
    }),
    'deploy.resources': once(() => resourcesFinding(clients, stack)),
    'deploy.stack': once(() => stackFinding(options, outputs.historyParameter)),
    'deploy.digest': waiting(async () => {
      const service = await readService(clients.ecs, names)
      const found = service.image.split('@')[1]
      return finding(
        found === digest && service.taskDefinition === outputs.taskDefinition,
        `the service runs ${service.taskDefinition} with ${found ?? service.image}; the stack has ${outputs.taskDefinition}, pushed was ${digest}`
      )
    }),
    'deploy.service-tag': once(async () => {
      const { tags } = await readService(clients.ecs, names)
      return finding(
        tags['Version'] === versionTag(version) && tags['Revision'] === version.fullSha,
        `the service is tagged Version ${tags['Version'] ?? 'none'}, Revision ${tags['Revision'] ?? 'none'}; HEAD is ${version.fullSha}`
      )
    }),
    'deploy.service-running': waiting(async () => {
      const { rollout, rolloutReason, rollouts, running, desired, taskDefinition } = await readService(
        clients.ecs,
        names
      )
      return finding(
        rollout === 'COMPLETED' &&
          rollouts === 1 &&
          running >= Math.max(1, desired) &&
          taskDefinition === outputs.taskDefinition,
        `rollout ${rollout}${rolloutReason === '' ? '' : ` (${rolloutReason})`}, ${rollouts} at work, ${running} of ${desired} tasks run ${taskDefinition}`
      )
    }),
    'deploy.tasks-healthy': waiting(async () => {
      const [{ desired }, tasks] = await Promise.all([
        readService(clients.ecs, names),
        listTasks(clients.ecs, names, 'RUNNING')
      ])
      const healthy = tasks.filter(
        ({ lastStatus, healthStatus }) => lastStatus === 'RUNNING' && healthStatus === 'HEALTHY'
      )
      return finding(
        healthy.length === tasks.length && healthy.length >= Math.max(1, desired),
        `${healthy.length} of ${tasks.length} tasks healthy, ${desired} desired: ${tasks.map((task) => `${taskId(task)} ${task.lastStatus} ${task.healthStatus}`).join(', ') || 'none'}`
      )
    }),
    'deploy.targets-healthy': waiting(async () => {
      const [{ desired }, targets] = await Promise.all([
        readService(clients.ecs, names),
        readTargets(clients.balancing, outputs.targetGroup)
      ])
      const healthy = targets.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy')
      return finding(
        healthy.length === targets.length && healthy.length >= Math.max(1, desired),
        `${healthy.length} of ${targets.length} targets healthy, ${desired} desired: ${targets.map(({ Target, TargetHealth }) => `${Target?.Id} ${TargetHealth?.State}${TargetHealth?.Description === undefined ? '' : ` (${TargetHealth.Description})`}`).join(', ') || 'none'}`
      )
    }),
    'deploy.monitoring': once(async () => {
      const { TargetGroups = [] } = await clients.balancing.send(
        new DescribeTargetGroupsCommand({ TargetGroupArns: [outputs.targetGroup] })
      )
      const group = TargetGroups[0]
      return finding(
        group?.HealthCheckEnabled !== false && group?.HealthCheckPath === '/health',
        `GET ${group?.HealthCheckPath ?? 'nothing'} every ${group?.HealthCheckIntervalSeconds ?? '?'} s, out after ${group?.UnhealthyThresholdCount ?? '?'} failures`
      )
    }),
    'deploy.rollback': once(() => rollbackFinding(options, outputs.historyParameter)),
    'deploy.version': waiting(async () => versionFinding(outputs.loadBalancerUrl, version.fullSha)),
    'deploy.logs': waiting(async () => {
      const tasks = await listTasks(clients.ecs, names, 'RUNNING')
      const streams = await Promise.all(
        tasks.map(async (task) => ({
          task,
          events: await recentEvents(clients, outputs.logGroup, logStream(task))
        }))
      )
      return finding(
        streams.length > 0 && streams.every(({ events }) => events > 0),
        streams.map(({ task, events }) => `${taskId(task)}: ${events} events within 15 minutes`).join('; ') ||
          'no task runs'
      )
    }),
    'deploy.metrics': waiting(async () => {
      const { Metrics = [] } = await clients.cloudWatch.send(
        new ListMetricsCommand({
          Namespace: 'AWS/ECS',
          Dimensions: [
            { Name: 'ClusterName', Value: outputs.cluster },
            { Name: 'ServiceName', Value: outputs.service }
          ]
        })
      )
      const found = new Set(Metrics.map(({ MetricName = '' }) => MetricName))
      return finding(
        found.has('CPUUtilization') && found.has('MemoryUtilization'),
        `metrics of the service: ${[...found].join(', ') || 'none'}`
      )
    }),
    'deploy.access-logs': waiting(() => accessLogFinding(clients, outputs.loadBalancerArn))
  }
}

const neededTypes = [
  'AWS::ECS::Cluster',
  'AWS::ECS::Service',
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
  'AWS::ElasticLoadBalancingV2::TargetGroup'
]

async function resourcesFinding(clients: AwsClients, stack: StackState): Promise<Finding> {
  const { StackResourceSummaries = [] } = await clients.cloudFormation.send(
    new ListStackResourcesCommand({ StackName: stack.id })
  )
  const types = new Set(StackResourceSummaries.map(({ ResourceType = '' }) => ResourceType))
  const missing = neededTypes.filter((type) => !types.has(type))
  return finding(
    missing.length === 0,
    missing.length === 0
      ? `the stack holds ${neededTypes.join(', ')}`
      : `the stack lacks ${missing.join(', ')}`
  )
}

async function stackFinding(
  { clients, stack, workspace, digest }: AwsProbes,
  parameter: string
): Promise<Finding> {
  const [local, { TemplateBody = '' }, history] = await Promise.all([
    readIfThere(templatePath(workspace)),
    clients.cloudFormation.send(new GetTemplateCommand({ StackName: stack.id })),
    readHistory(clients.ssm, parameter)
  ])
  // A rollback keeps the template of the stack, whatever the workspace has been synthesized to since.
  const kept = history.find((entry) => entry.digest === digest)?.template
  const which =
    local !== undefined && sameTemplate(local, TemplateBody)
      ? 'the synthesized one'
      : kept === templateHash(TemplateBody)
        ? 'the one that the rollback kept'
        : undefined
  const image = liveDigest(stack)
  return finding(
    isWhole(stack) && image === digest && which !== undefined,
    `${stack.name} is ${stack.status} with image ${image ?? 'none'}, its template is ${which ?? `another than ${kept === undefined ? 'the synthesized one' : 'the one that the rollback kept'}`}`
  )
}

async function rollbackFinding({ clients, repository }: AwsProbes, parameter: string): Promise<Finding> {
  const [, before] = await readHistory(clients.ssm, parameter)
  if (before === undefined)
    return { status: 'not-applicable', reason: 'the first version deployed: there is none to go back to' }
  const { imageDetails = [] } = await clients.ecr.send(
    new DescribeImagesCommand({ repositoryName: repository, imageIds: [{ imageDigest: before.digest }] })
  )
  return finding(
    imageDetails.length > 0,
    `the version before is ${versionTag(before.version)}, deployed ${before.deployedAt}; its image is in ${repository}`
  )
}

/** Asked often enough that every task behind the load balancer is likely to have answered. */
async function versionFinding(url: string, revision: string): Promise<Finding> {
  const served = new Set<string>()
  for (let request = 0; request < 8; request++) {
    const response = await fetch(new URL('/health', url), { headers: { connection: 'close' } })
    served.add(
      /"revision":\s*"([^"]+)"/.exec(await response.text())?.[1] ?? `no revision, status ${response.status}`
    )
  }
  return finding(
    served.size === 1 && served.has(revision),
    `8 requests to ${url}/health: ${[...served].join(', ')}; HEAD is ${revision}`
  )
}

async function recentEvents(clients: AwsClients, logGroupName: string, stream: string): Promise<number> {
  try {
    const { events = [] } = await clients.logs.send(
      new FilterLogEventsCommand({
        logGroupName,
        logStreamNames: [stream],
        startTime: Date.now() - logWindowMs,
        limit: 100
      })
    )
    return events.length
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return 0
    throw error
  }
}

async function accessLogFinding(clients: AwsClients, loadBalancer: string): Promise<Finding> {
  const { Attributes = [] } = await clients.balancing.send(
    new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: loadBalancer })
  )
  const attribute = (key: string): string | undefined => Attributes.find(({ Key }) => Key === key)?.Value
  if (attribute('access_logs.s3.enabled') !== 'true')
    return { status: 'not-applicable', reason: 'ACCESS_LOG_BUCKET is unset: no access logs are configured' }
  const [Bucket = '', Prefix = ''] = [attribute('access_logs.s3.bucket'), attribute('access_logs.s3.prefix')]
  const { KeyCount = 0 } = await clients.s3.send(new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 10 }))
  return finding(KeyCount > 0, `${KeyCount} objects below s3://${Bucket}/${Prefix}`)
}

function finding(passed: boolean, evidence: string): Finding {
  return { status: passed ? 'passed' : 'failed', evidence }
}
