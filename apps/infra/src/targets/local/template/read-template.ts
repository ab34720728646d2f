import { z } from 'zod'
import { ignored } from './ignored.ts'
import { isObject, type Parameters } from './intrinsics.ts'
import { describeIssues, invalid, unknown } from './problems.ts'
import {
  cluster,
  listener,
  loadBalancer,
  logGroup,
  service,
  targetGroup,
  taskDefinition
} from './resources.ts'
import { taskCounts, type ServiceDescription } from './service-description.ts'
import { TemplateResources } from './template-resources.ts'

const templateSchema = z.strictObject({
  AWSTemplateFormatVersion: ignored('there is one version'),
  Description: ignored('for people'),
  Parameters: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      Default: z.string().optional(),
      AllowedPattern: z.string().optional()
    })
  ),
  Resources: z.record(
    z.string(),
    z.strictObject({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      DependsOn: ignored('the local target knows its own order'),
      DeletionPolicy: ignored('destroy decides what stays'),
      UpdateReplacePolicy: ignored('nothing is replaced in place'),
      Metadata: ignored('for people and tools')
    })
  ),
  Mappings: ignored('they hold values by region'),
  Outputs: ignored('`.config` says what was deployed'),
  Rules: ignored('they check the CDK’s own set-up in an account')
})

export interface TemplateReading {
  readonly description: ServiceDescription
  /** Image the tasks run, by digest. */
  readonly image: string
  /** Tags of the service, by key. */
  readonly tags: Readonly<Record<string, string>>
}

/**
 * Reads a synthesized template, given the values of its parameters, into what the local target acts on.
 *
 * Throws CodedError `template-invalid` for a text that is no template or a parameter value it does not allow, and
 * `template-unknown` for a resource, a property or a value that the local target neither acts on nor deliberately
 * leaves out; the message names them all.
 */
export function readTemplate(text: string, parameters: Parameters): TemplateReading {
  const template = parseTemplate(text)
  checkParameters(template.Parameters, parameters)
  const resources = new TemplateResources(template.Resources, parameters)

  const { id: serviceId, properties: theService } = resources.only(service)
  const deployment = theService.DeploymentConfiguration
  const task = resources.get(taskDefinition, theService.TaskDefinition).properties
  const [container] = task.ContainerDefinitions
  const [mapping] = container.PortMappings
  const [target] = theService.LoadBalancers
  const group = resources.get(targetGroup, target.TargetGroupArn)
  const { id: listenerId, properties: theListener } = resources.only(listener)
  const balancer = resources.get(loadBalancer, theListener.LoadBalancerArn).properties
  const logs = resources.get(logGroup, container.LogConfiguration.Options['awslogs-group'])

  if (theListener.DefaultActions[0].TargetGroupArn !== group.id)
    throw unknown([`${listenerId}.DefaultActions forwards to another target group than ${group.id}`])
  if (target.ContainerName !== container.Name || target.ContainerPort !== mapping.ContainerPort)
    throw unknown([
      `${serviceId}.LoadBalancers names ${target.ContainerName}:${target.ContainerPort}, the task has ${container.Name}:${mapping.ContainerPort}`
    ])
  const volumes = new Set(task.Volumes.map(({ Name }) => Name))
  const missing = container.MountPoints.find(({ SourceVolume }) => !volumes.has(SourceVolume))
  if (missing !== undefined)
    throw unknown([
      `${container.Name}.MountPoints names ${missing.SourceVolume}, which the task has no volume of`
    ])
  const { minimum, maximum } = taskCounts({
    desiredCount: theService.DesiredCount,
    minimumHealthyPercent: deployment.MinimumHealthyPercent,
    maximumPercent: deployment.MaximumPercent
  })
  if (minimum >= maximum)
    throw unknown([
      `${serviceId}.DeploymentConfiguration leaves a rollout no room: at least ${minimum} tasks and at most ${maximum}`
    ])

  const health = group.properties
  const groupAttributes = health.TargetGroupAttributes
  return {
    image: container.Image,
    tags: Object.fromEntries((theService.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
    description: {
      names: {
        cluster: resources.get(cluster, theService.Cluster).id,
        service: serviceId,
        targetGroup: group.id,
        logGroup: logs.id
      },
      rollout: {
        desiredCount: theService.DesiredCount,
        minimumHealthyPercent: deployment.MinimumHealthyPercent,
        maximumPercent: deployment.MaximumPercent,
        graceSeconds: theService.HealthCheckGracePeriodSeconds
      },
      task: {
        container: container.Name,
        port: mapping.ContainerPort,
        ...(container.Command === undefined ? {} : { command: container.Command }),
        environment: Object.fromEntries(container.Environment.map(({ Name, Value }) => [Name, Value])),
        user: container.User,
        readOnly: container.ReadonlyRootFilesystem,
        temporaryFolders: container.MountPoints.map(({ ContainerPath }) => ContainerPath),
        memoryMiB: task.Memory,
        cpus: task.Cpu / 1024,
        stopSeconds: container.StopTimeout,
        health: {
          command: container.HealthCheck.Command,
          timeoutSeconds: container.HealthCheck.Timeout,
          retries: container.HealthCheck.Retries
        }
      },
      balancer: {
        algorithm: groupAttributes['load_balancing.algorithm.type'],
        idleSeconds: balancer.LoadBalancerAttributes['idle_timeout.timeout_seconds'],
        drainSeconds: groupAttributes['deregistration_delay.timeout_seconds'],
        health: {
          path: health.HealthCheckPath,
          codes: health.Matcher.HttpCode,
          timeoutSeconds: health.HealthCheckTimeoutSeconds,
          healthyThreshold: health.HealthyThresholdCount,
          unhealthyThreshold: health.UnhealthyThresholdCount
        }
      },
      logRetentionDays: logs.properties.RetentionInDays
    }
  }
}

type Template = z.output<typeof templateSchema>

function parseTemplate(text: string): Template {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw invalid(
      `the template is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause
    )
  }
  if (!isObject(json) || !isObject(json['Resources'])) throw invalid('the template has no object Resources')
  const result = templateSchema.safeParse(json)
  if (!result.success) throw unknown(describeIssues('the template', json, result.error))
  return result.data
}

function checkParameters(declared: Template['Parameters'], given: Parameters): void {
  const undeclared = Object.keys(given).filter((name) => !Object.hasOwn(declared, name))
  if (undeclared.length > 0) throw invalid(`the template has no parameter ${undeclared.join(', ')}`)
  for (const [name, { Type, AllowedPattern, Default }] of Object.entries(declared)) {
    const value = given[name] ?? Default
    // A parameter of another type stands for something in an account: it resolves only where nothing acts on it.
    if (Type !== 'String') continue
    if (value === undefined) throw invalid(`the template's parameter ${name} has no value`)
    if (AllowedPattern !== undefined && !new RegExp(AllowedPattern).test(value))
      throw invalid(`parameter ${name} is ${JSON.stringify(value)}, which ${AllowedPattern} does not allow`)
  }
}
