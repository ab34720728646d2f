import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DeleteStackCommand, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation'
import { CodedError } from '@fast-mcp/errors'
import { configPath } from '../../config-file.ts'
import { untilSettled, type SettleOptions } from './aws-deployment.ts'
import { readStack } from './stack-state.ts'

export interface DestroyAws extends Omit<SettleOptions, 'since'> {
  readonly workspace: string
}

/**
 * Deletes the stack, waits, and says what was deleted. `.config` goes as well; images stay in the repository. Throws
 * CodedError `stack-stuck` that names what CloudFormation could not delete, and why.
 */
export async function destroyAws(options: DestroyAws): Promise<readonly string[]> {
  const { clients, name, workspace, report } = options
  const config = join(workspace, configPath)
  const stack = await readStack(clients.cloudFormation, name)
  if (stack === undefined) {
    await rm(config, { force: true })
    return []
  }
  const resources = async () =>
    (await clients.cloudFormation.send(new ListStackResourcesCommand({ StackName: stack.id })))
      .StackResourceSummaries ?? []
  const before = (await resources()).filter(({ ResourceStatus }) => ResourceStatus !== 'DELETE_COMPLETE')
  report(`${name}: ${before.length} resources go`)
  const since = new Date()
  await clients.cloudFormation.send(new DeleteStackCommand({ StackName: name }))
  const settled = await untilSettled({ ...options, since })
  if (settled !== undefined) {
    const left = (await resources()).filter(({ ResourceStatus }) => ResourceStatus !== 'DELETE_COMPLETE')
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
  return [`stack ${name} with ${before.length} resources (images stay in the repository)`]
}
