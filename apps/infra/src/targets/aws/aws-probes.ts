import { DescribeImagesCommand } from '@aws-sdk/client-ecr'
import { GetTemplateCommand } from '@aws-sdk/client-cloudformation'
import { DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Finding, Probe } from '@fast-mcp/validation'
import { versionTag } from '@fast-mcp/versioning'
import { readIfThere } from '../../read-if-there.ts'
import { templatePath } from '../../template-path.ts'
import type { ExpectedDeployment } from '../../target.ts'
import { requireCaller, type AwsPlace } from './account.ts'
import { stackOutputs } from './aws-outputs.ts'
import type { AwsClients } from './clients.ts'
import { newestPassed } from './earlier-version.ts'
import { explained } from './explain.ts'
import { logStream } from './first-failure.ts'
import { readHistory } from './history.ts'
import { accessLogFinding, metricsFinding, recentEvents } from './monitoring.ts'
import { listTasks, readService, readTargets, taskId } from './running-service.ts'
import { stackResources } from './stack-resources.ts'
import { isWhole, liveDigest, type StackState } from './stack-state.ts'
import { sameTemplate, templateHash } from './templates.ts'
import { waitFor, type Patience } from '../../wait-for.ts'

export interface AwsProbes extends ExpectedDeployment {
  readonly workspace: string
  readonly clients: AwsClients
  readonly place: AwsPlace
  readonly stack: StackState
  readonly repository: string
  readonly patience: Patience
}

/** How long metrics and access logs of a new service may be on their way: a load balancer writes every 5 minutes. */
const lagMs = 330_000

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
    'deploy.metrics': ({ signal }) =>
      explained(() => waitFor(() => metricsFinding(clients, names), signal, { limitMs: lagMs, ...patience })),
    'deploy.access-logs': ({ signal }) =>
      explained(() =>
        waitFor(() => accessLogFinding(clients, outputs.loadBalancerArn), signal, {
          limitMs: lagMs,
          ...patience
        })
      )
  }
}

const neededTypes = [
  'AWS::ECS::Cluster',
  'AWS::ECS::Service',
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
  'AWS::ElasticLoadBalancingV2::TargetGroup'
]

async function resourcesFinding(clients: AwsClients, stack: StackState): Promise<Finding> {
  const resources = await stackResources(clients.cloudFormation, stack.id)
  const types = new Set(resources.map(({ ResourceType = '' }) => ResourceType))
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

async function rollbackFinding(
  { clients, repository, digest }: AwsProbes,
  parameter: string
): Promise<Finding> {
  const history = await readHistory(clients.ssm, parameter)
  const before = newestPassed(history, digest)
  if (before === undefined)
    return {
      status: 'not-applicable',
      reason: 'no version before this one passed its checks: there is none to go back to'
    }
  const which = `the newest version before that passed is ${versionTag(before.version)}, deployed ${before.deployedAt}`
  const there = await hasImage(clients, repository, before.digest)
  return finding(there, `${which}; its image is ${there ? 'in' : 'no longer in'} ${repository}`)
}

async function hasImage(clients: AwsClients, repositoryName: string, imageDigest: string): Promise<boolean> {
  try {
    const { imageDetails = [] } = await clients.ecr.send(
      new DescribeImagesCommand({ repositoryName, imageIds: [{ imageDigest }] })
    )
    return imageDetails.length > 0
  } catch (error) {
    if (error instanceof Error && error.name === 'ImageNotFoundException') return false
    throw error
  }
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

function finding(passed: boolean, evidence: string): Finding {
  return { status: passed ? 'passed' : 'failed', evidence }
}
