import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DeleteStackCommand } from '@aws-sdk/client-cloudformation'
import { CodedError } from '@fast-mcp/errors'
import { configPath } from '../../config-file.ts'
import type { AwsPlace } from './account.ts'
import { untilSettled, type SettleOptions } from './aws-deployment.ts'
import type { AwsClients } from './clients.ts'
import { stackResources } from './stack-resources.ts'
import { readStack, type StackState } from './stack-state.ts'

export interface DestroyAws extends Omit<SettleOptions, 'since'> {
  readonly workspace: string
  /** Undefined where there is none. */
  readonly stack: StackState | undefined
}

/**
 * Deletes the stack, waits, and says what was deleted and what is left. `.config` goes as well; images stay in the repository. Throws
 * CodedError `stack-stuck` that names what CloudFormation could not delete, and why.
 */
export async function destroyAws(options: DestroyAws): Promise<readonly string[]> {
  const { clients, name, workspace, stack, report } = options
  const config = join(workspace, configPath)
  if (stack === undefined) {
    await rm(config, { force: true })
    return []
  }
  const before = await stackResources(clients.cloudFormation, stack.id)
  report(`${name}: ${before.length} resources go`)
  const since = new Date()
  await clients.cloudFormation.send(new DeleteStackCommand({ StackName: name }))
  const settled = await untilSettled({ ...options, since })
  if (settled !== undefined) {
    const left = await stackResources(clients.cloudFormation, stack.id)
    throw new CodedError('stack-stuck', `${left.length} resources of ${name} are left`, {
      evidence: left
        .map(
          ({ LogicalResourceId, ResourceType, ResourceStatusReason }) =>
            `${LogicalResourceId} (${ResourceType}): ${ResourceStatusReason ?? 'not deleted'}`
        )
        .join('\n'),
      remedy: 'Remove what holds them, then run it again: npx nx run infra:destroy -- --yes'
    })
  }
  await rm(config, { force: true })
  for (const line of remains(stack)) report(`left: ${line}`)
  return [`stack ${name} with ${before.length} resources (images stay in the repository)`]
}

/** What deleting the stack takes away, by type, and where; nothing where there is no stack. */
export async function destroyPlan(
  clients: AwsClients,
  name: string,
  { account, region }: AwsPlace
): Promise<readonly string[]> {
  const stack = await readStack(clients.cloudFormation, name)
  if (stack === undefined) return []
  const counts = new Map<string, number>()
  for (const { ResourceType = 'unknown' } of await stackResources(clients.cloudFormation, stack.id))
    counts.set(ResourceType, (counts.get(ResourceType) ?? 0) + 1)
  return [
    `stack ${name} (${stack.status}) in account ${account}, ${region}:`,
    ...[...counts].toSorted().map(([type, count]) => `${String(count).padStart(4)}  ${type}`)
  ]
}

/** What the stack made or used and CloudFormation does not delete with it, and why. */
function remains({ outputs }: StackState): readonly string[] {
  const { ClusterName: cluster } = outputs
  return [
    'images in the ECR repository, which is not of the stack: its lifecycle ends old ones',
    'inactive task definitions: ECS keeps them, for nothing',
    ...(cluster === undefined
      ? []
      : [
          `the log group /aws/ecs/containerinsights/${cluster}/performance, which ECS made: aws logs delete-log-group removes it`
        ]),
    'access logs, where ACCESS_LOG_BUCKET named a bucket: it is yours'
  ]
}
