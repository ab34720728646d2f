import { DescribeStacksCommand, type CloudFormationClient, type Stack } from '@aws-sdk/client-cloudformation'
import { CodedError } from '@fast-mcp/errors'

/** The stack as CloudFormation has it. */
export interface StackState {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly reason: string | undefined
  readonly parameters: Readonly<Record<string, string>>
  readonly outputs: Readonly<Record<string, string>>
  readonly updatedAt: Date | undefined
  /** What the last drift detection of CloudFormation said, and when. */
  readonly drift: { readonly status: string; readonly checkedAt: Date | undefined }
}

/** The stack of that name; undefined where there is none, or where only the shell of one is. */
export async function readStack(client: CloudFormationClient, name: string): Promise<StackState | undefined> {
  const stack = await describe(client, name)
  if (
    stack === undefined ||
    stack.StackStatus === 'DELETE_COMPLETE' ||
    stack.StackStatus === 'REVIEW_IN_PROGRESS'
  )
    return undefined
  return {
    id: stack.StackId ?? name,
    name,
    status: stack.StackStatus ?? 'UNKNOWN',
    reason: stack.StackStatusReason,
    parameters: Object.fromEntries(
      (stack.Parameters ?? []).map(({ ParameterKey = '', ParameterValue = '' }) => [
        ParameterKey,
        ParameterValue
      ])
    ),
    outputs: Object.fromEntries(
      (stack.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue])
    ),
    updatedAt: stack.LastUpdatedTime ?? stack.CreationTime,
    drift: {
      status: stack.DriftInformation?.StackDriftStatus ?? 'NOT_CHECKED',
      checkedAt: stack.DriftInformation?.LastCheckTimestamp
    }
  }
}

async function describe(client: CloudFormationClient, name: string): Promise<Stack | undefined> {
  try {
    return (await client.send(new DescribeStacksCommand({ StackName: name }))).Stacks?.[0]
  } catch (error) {
    if (error instanceof Error && /does not exist/.test(error.message)) return undefined
    throw error
  }
}

/** Digest of the image that the stack was given last. */
export function liveDigest({ parameters }: Pick<StackState, 'parameters'>): string | undefined {
  return parameters['ImageUri']?.split('@')[1]
}

/** Whether CloudFormation is at work on the stack. */
export function isBusy({ status }: Pick<StackState, 'status'>): boolean {
  return status.endsWith('_IN_PROGRESS')
}

/** Whether the stack is whole: created, updated, or back at what it was. */
export function isWhole({ status }: Pick<StackState, 'status'>): boolean {
  return ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'].includes(status)
}

/** Throws CodedError `stack-stuck` for a state that no update leads out of, with the command that does. */
export function requireUsable({ name, status, reason }: StackState): void {
  const remedies: Readonly<Record<string, string>> = {
    ROLLBACK_COMPLETE:
      'Its creation failed and was undone. Remove the shell: npx nx run infra:destroy -- --yes',
    ROLLBACK_FAILED:
      'Its creation failed and could not be undone. Remove it: npx nx run infra:destroy -- --yes',
    CREATE_FAILED: 'Remove it: npx nx run infra:destroy -- --yes',
    DELETE_FAILED: 'Remove what is left: npx nx run infra:destroy -- --yes',
    UPDATE_ROLLBACK_FAILED: `Mend what the last event names, then: aws cloudformation continue-update-rollback --stack-name ${name}`
  }
  const remedy = remedies[status]
  if (remedy === undefined) return
  throw new CodedError('stack-stuck', `the stack ${name} is in ${status} and takes no update`, {
    remedy: `${remedy}, and then run \`make deploy\` again.`,
    ...(reason === undefined ? {} : { evidence: reason })
  })
}
