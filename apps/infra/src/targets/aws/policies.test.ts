import { describe, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { permissions } from './permissions.ts'
import { iamMarkdown, phasePolicy } from './policies.ts'

// Actions that take no resource, or none that is known before. Source: AWS service authorization reference.
const withoutResource = [
  'ecr:GetAuthorizationToken',
  'sts:GetCallerIdentity',
  'ecs:ListTasks',
  'ecs:DescribeTaskDefinition',
  'elasticloadbalancing:DescribeTargetHealth',
  'elasticloadbalancing:DescribeTargetGroups',
  'elasticloadbalancing:DescribeLoadBalancerAttributes',
  'ec2:DescribeSubnets',
  'ec2:DescribeRouteTables',
  'ec2:DescribeManagedPrefixLists',
  'cloudwatch:GetMetricData'
]

describe('the policies', () => {
  test('name a resource wherever one can be named, and never all actions', () => {
    for (const { actions, resources } of permissions) {
      expect(actions.filter((action) => action.includes('*'))).toEqual([])
      if (resources.includes('*'))
        expect(actions.filter((action) => !withoutResource.includes(action))).toEqual([])
    }
  })

  test('of a phase are its permissions', () => {
    expect(phasePolicy('catalog').Statement.map(({ Sid }) => Sid)).toEqual(['Login', 'Repository', 'Caller'])
  })

  test('are the ones in docs/iam.md', async () => {
    const path = join(import.meta.dirname, '../../../../../docs/iam.md')
    expect(await readFile(path, 'utf8')).toBe(iamMarkdown())
  })
})
