import { DescribeStackEventsCommand, UpdateStackCommand } from '@aws-sdk/client-cloudformation'
import { setTimeout as sleep } from 'node:timers/promises'
import { CodedError } from '@fast-mcp/errors'
import type { AwsClients } from './clients.ts'
import { isBusy, readStack, type StackState } from './stack-state.ts'

export interface UpdateOptions {
  readonly clients: AwsClients
  readonly stack: StackState
  /** Values that change; all others stay as they are. */
  readonly parameters: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly report: (line: string) => void
  readonly pauseMs: number
}

/**
 * Updates the stack with the template it has and other parameters, and waits for the end. False: there was nothing to
 * change. Throws an error that names the state in which the stack ended, where the update did not succeed.
 */
export async function updateParameters(options: UpdateOptions): Promise<boolean> {
  const { clients, stack, parameters } = options
  const changed = Object.entries(parameters).map(([key, value]) => ({
    ParameterKey: key,
    ParameterValue: value
  }))
  const kept = Object.keys(stack.parameters)
    .filter((key) => !(key in parameters))
    .map((key) => ({ ParameterKey: key, UsePreviousValue: true }))
  const since = new Date()
  try {
    await clients.cloudFormation.send(
      new UpdateStackCommand({
        StackName: stack.name,
        UsePreviousTemplate: true,
        Parameters: [...changed, ...kept],
        Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM']
      })
    )
  } catch (error) {
    if (error instanceof Error && /No updates are to be performed/.test(error.message)) return false
    throw error
  }
  const settled = await untilSettled({ ...options, name: stack.name, since })
  if (settled?.status !== 'UPDATE_COMPLETE') throw new Error(`the stack is ${settled?.status ?? 'gone'}`)
  return true
}

export interface SettleOptions {
  readonly clients: AwsClients
  /** Name or id of the stack. */
  readonly name: string
  /** Events from then on are reported. */
  readonly since: Date
  readonly signal: AbortSignal
  readonly report: (line: string) => void
  readonly pauseMs: number
}

/** A new stack with CloudFront takes about 15 minutes, one with a certificate that waits for its proof longer. */
export const settleLimitMs = 45 * 60_000

/** Waits until CloudFormation has ended its work, and reports each event as it comes. Undefined: the stack is gone. */
export async function untilSettled(options: SettleOptions): Promise<StackState | undefined> {
  const { clients, name, since, signal, report, pauseMs } = options
  const seen = new Set<string>()
  const end = Date.now() + settleLimitMs
  for (;;) {
    const stack = await readStack(clients.cloudFormation, name)
    if (stack !== undefined) {
      const { StackEvents = [] } = await clients.cloudFormation.send(
        new DescribeStackEventsCommand({ StackName: stack.id })
      )
      for (const event of StackEvents.toReversed()) {
        const { EventId = '', Timestamp, ResourceStatus, ResourceType, LogicalResourceId } = event
        if (seen.has(EventId) || Timestamp === undefined || Timestamp < since) continue
        seen.add(EventId)
        report(`${ResourceStatus ?? ''} ${ResourceType ?? ''} ${LogicalResourceId ?? ''}`)
      }
    }
    if (stack === undefined || !isBusy(stack)) return stack
    if (Date.now() > end)
      throw new CodedError('aws-unavailable', `${name} is still in ${stack.status} after 45 minutes`, {
        remedy: 'Run `make status`; when CloudFormation has ended, run the command again.'
      })
    await sleep(pauseMs, undefined, { signal })
  }
}
