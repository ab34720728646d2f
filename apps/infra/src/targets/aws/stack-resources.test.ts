import { expect, test } from '@jest/globals'
import {
  CloudFormationClient,
  ListStackResourcesCommand,
  type StackResourceSummary
} from '@aws-sdk/client-cloudformation'
import { mockClient } from 'aws-sdk-client-mock'
import { stackResources } from './stack-resources.ts'

const resource = (
  LogicalResourceId: string,
  ResourceStatus: 'CREATE_COMPLETE' | 'DELETE_COMPLETE'
): StackResourceSummary => ({
  LogicalResourceId,
  ResourceType: 'AWS::ECS::Service',
  ResourceStatus,
  LastUpdatedTimestamp: new Date()
})

test('all pages are read, and what is deleted is left out', async () => {
  const fake = mockClient(CloudFormationClient)
  fake
    .on(ListStackResourcesCommand, { StackName: 's' })
    .resolvesOnce({ StackResourceSummaries: [resource('A', 'CREATE_COMPLETE')], NextToken: 'more' })
  fake.on(ListStackResourcesCommand, { StackName: 's', NextToken: 'more' }).resolves({
    StackResourceSummaries: [resource('B', 'DELETE_COMPLETE'), resource('C', 'CREATE_COMPLETE')]
  })
  const found = await stackResources(new CloudFormationClient({ region: 'us-east-1' }), 's')
  expect(found.map(({ LogicalResourceId }) => LogicalResourceId)).toEqual(['A', 'C'])
})
