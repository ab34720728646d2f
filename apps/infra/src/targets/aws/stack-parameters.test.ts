import { describe, expect, test } from '@jest/globals'
import { DescribeManagedPrefixListsCommand, DescribeSubnetsCommand } from '@aws-sdk/client-ec2'
import { fakeEc2 } from '../../../test/fake-ec2.ts'
import { accountParameters } from './stack-parameters.ts'

const behindCloudFront = '{"Parameters":{"CloudFrontPrefixListId":{},"SubnetIds":{},"TaskSubnetIds":{}}}'
const plain = '{"Parameters":{"SubnetIds":{},"TaskSubnetIds":{}}}'

describe('parameters that only the account knows', () => {
  test('are none for a template that asks for none', async () => {
    expect(await accountParameters(fakeEc2().client, '{"Resources":{}}', undefined)).toEqual({})
  })

  test('are the prefix list of CloudFront and two subnets in two zones', async () => {
    const { client } = fakeEc2()
    expect(await accountParameters(client, behindCloudFront, 'vpc-1')).toEqual({
      CloudFrontPrefixListId: 'pl-1',
      SubnetIds: 'subnet-a,subnet-b',
      TaskSubnetIds: 'subnet-a,subnet-b'
    })
  })

  test('put a load balancer behind CloudFront into private subnets where there are some', async () => {
    const { client, ec2 } = fakeEc2()
    const subnet = (id: string, zone: string, open: boolean) => ({
      SubnetId: id,
      AvailabilityZone: zone,
      MapPublicIpOnLaunch: open
    })
    ec2.on(DescribeSubnetsCommand).resolves({
      Subnets: [
        subnet('p1', 'a', true),
        subnet('p2', 'b', true),
        subnet('i1', 'a', false),
        subnet('i2', 'b', false)
      ]
    })
    expect(await accountParameters(client, behindCloudFront, 'vpc-1')).toMatchObject({
      SubnetIds: 'i1,i2'
    })
    expect(await accountParameters(client, plain, 'vpc-1')).toEqual({
      SubnetIds: 'p1,p2',
      TaskSubnetIds: 'p1,p2'
    })
  })

  test('a VPC without two zones is refused, with what it has', async () => {
    const { client, ec2 } = fakeEc2()
    ec2.on(DescribeSubnetsCommand).resolves({
      Subnets: [{ SubnetId: 'subnet-1', AvailabilityZone: 'us-east-1a', MapPublicIpOnLaunch: true }]
    })
    await expect(accountParameters(client, plain, 'vpc-1')).rejects.toMatchObject({
      code: 'invalid-environment',
      evidence: 'subnet-1 in us-east-1a, public'
    })
  })

  test('a region without CloudFront’s prefix list is refused', async () => {
    const { client, ec2 } = fakeEc2()
    ec2.on(DescribeManagedPrefixListsCommand).resolves({ PrefixLists: [] })
    await expect(accountParameters(client, behindCloudFront, undefined)).rejects.toMatchObject({
      code: 'invalid-environment'
    })
  })
})
