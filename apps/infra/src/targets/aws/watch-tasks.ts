import type { StackResourceSummary } from '@aws-sdk/client-cloudformation'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AwsClients } from './clients.ts'
import { firstTask, type TaskNames } from './first-failure.ts'
import { learned } from './learned.ts'
import { stackResources } from './stack-resources.ts'

export interface WatchTasks {
  readonly clients: AwsClients
  readonly stackName: string
  /** Tasks that were started from then on. */
  readonly since: Date
  readonly pauseMs: number
}

/**
 * Looks at the tasks of a stack while it is made: where that fails, CloudFormation deletes cluster and log group before
 * it says so. Gives a function that ends the watch and says of the first task that stopped why, with its last lines.
 */
export function watchTasks(options: WatchTasks): () => Promise<string> {
  const { clients, stackName, since, pauseMs } = options
  const ended = new AbortController()
  let seen = ''
  const look = async (): Promise<string> => {
    const names = await namesIn(clients, stackName)
    return names === undefined ? '' : firstTask(clients, names, since)
  }
  const watching = (async () => {
    while (!ended.signal.aborted) {
      const found = await learned('which task stopped', look)
      // Lines come in after the task has stopped, and are gone with the log group: the most that was seen counts.
      if (found.length > seen.length) seen = found
      await sleep(pauseMs, undefined, { signal: ended.signal }).catch(() => undefined)
    }
  })()
  return async () => {
    ended.abort()
    await watching
    return seen
  }
}

/** Undefined until the stack has all three. */
async function namesIn(clients: AwsClients, stackName: string): Promise<TaskNames | undefined> {
  const resources = await resourcesOf(clients, stackName)
  const id = (type: string): string | undefined =>
    resources.find(({ ResourceType }) => ResourceType === type)?.PhysicalResourceId
  const [cluster, service, logGroup] = [
    id('AWS::ECS::Cluster'),
    id('AWS::ECS::Service'),
    id('AWS::Logs::LogGroup')
  ]
  if (cluster === undefined || service === undefined || logGroup === undefined) return undefined
  return { cluster, service, logGroup }
}

/** None where there is no stack yet. */
async function resourcesOf(
  { cloudFormation }: AwsClients,
  stackName: string
): Promise<readonly StackResourceSummary[]> {
  try {
    return await stackResources(cloudFormation, stackName)
  } catch (error) {
    if (error instanceof Error && /does not exist/.test(error.message)) return []
    throw error
  }
}
