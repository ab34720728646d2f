import {
  paginateListStackResources,
  type CloudFormationClient,
  type StackResourceSummary
} from '@aws-sdk/client-cloudformation'

/**
 * What a stack, by its id or name, is made of now. CloudFormation lists a hundred at a time, and what it has deleted
 * beside the rest.
 */
export async function stackResources(
  client: CloudFormationClient,
  stack: string
): Promise<readonly StackResourceSummary[]> {
  const found: StackResourceSummary[] = []
  for await (const page of paginateListStackResources({ client }, { StackName: stack }))
    found.push(...(page.StackResourceSummaries ?? []))
  return found.filter(({ ResourceStatus }) => ResourceStatus !== 'DELETE_COMPLETE')
}
