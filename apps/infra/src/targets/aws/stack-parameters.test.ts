import { describe, expect, test } from '@jest/globals'
import {
  DescribeManagedPrefixListsCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand
} from '@aws-sdk/client-ec2'
import { fakeEc2 } from '../../../test/fake-ec2.ts'
import { accountParameters } from './stack-parameters.ts'

const behindCloudFront = '{"Parameters":{"CloudFrontPrefixListId":{},"SubnetIds":{},"TaskSubnetIds":{}}}'
const existing = { VPC_ID: 'vpc-1' }
const plain = '{"Parameters":{"SubnetIds":{},"TaskSubnetIds":{}}}'

describe('parameters that only the account knows', () => {
  test('are none for a template that asks for none', async () => {
    expect(await accountParameters(fakeEc2().client, '{"Resources":{}}', {})).toEqual({})
  })

  test('are the prefix list of CloudFront and two subnets in two zones', async () => {
    const { client } = fakeEc2()
    expect(await accountParameters(client, behindCloudFront, existing)).toEqual({
      CloudFrontPrefixListId: 'pl-1',
      SubnetIds: 'subnet-a,subnet-b',
      TaskSubnetIds: 'subnet-a,subnet-b'
    })
  })

  describe('of a VPC with public and private subnets', () => {
    // By its routes: a private subnet may hand out public addresses, which lead nowhere.
    const mixed = () => {
      const { client, ec2 } = fakeEc2()
      const subnet = (id: string, zone: string) => ({
        SubnetId: id,
        AvailabilityZone: zone,
        MapPublicIpOnLaunch: true
      })
      ec2.on(DescribeSubnetsCommand).resolves({
        Subnets: [subnet('p1', 'a'), subnet('p2', 'b'), subnet('i1', 'a'), subnet('i2', 'b')]
      })
      ec2.on(DescribeRouteTablesCommand).resolves({
        RouteTables: [
          { Associations: [{ Main: true }], Routes: [{ GatewayId: 'igw-1' }] },
          {
            Associations: [{ SubnetId: 'i1' }, { SubnetId: 'i2' }],
            Routes: [{ GatewayId: 'local' }, { NatGatewayId: 'nat-1' }]
          }
        ]
      })
      return client
    }

    test.each([
      ['behind CloudFront', behindCloudFront, {}, 'i1,i2', 'p1,p2'],
      ['behind CloudFront, tasks private', behindCloudFront, { PRIVATE_SUBNETS: true }, 'i1,i2', 'i1,i2'],
      ['plain', plain, {}, 'p1,p2', 'p1,p2'],
      ['plain, tasks private', plain, { PRIVATE_SUBNETS: true }, 'p1,p2', 'i1,i2']
    ])('%s', async (_, template, choice, SubnetIds, TaskSubnetIds) => {
      expect(await accountParameters(mixed(), template, { ...existing, ...choice })).toMatchObject({
        SubnetIds,
        TaskSubnetIds
      })
    })
  })

  test('for private tasks a VPC without private subnets is refused', async () => {
    const { client } = fakeEc2()
    await expect(
      accountParameters(client, plain, { ...existing, PRIVATE_SUBNETS: true })
    ).rejects.toMatchObject({
      code: 'invalid-environment',
      message: expect.stringContaining('no two private subnets'),
      remedy: expect.stringContaining('unset PRIVATE_SUBNETS')
    })
  })

  test('a VPC without two zones is refused, with what it has', async () => {
    const { client, ec2 } = fakeEc2()
    ec2.on(DescribeSubnetsCommand).resolves({
      Subnets: [{ SubnetId: 'subnet-1', AvailabilityZone: 'us-east-1a' }]
    })
    await expect(accountParameters(client, plain, existing)).rejects.toMatchObject({
      code: 'invalid-environment',
      evidence: 'subnet-1 in us-east-1a, public'
    })
  })

  test('a region without CloudFront’s prefix list is refused', async () => {
    const { client, ec2 } = fakeEc2()
    ec2.on(DescribeManagedPrefixListsCommand).resolves({ PrefixLists: [] })
    await expect(accountParameters(client, behindCloudFront, {})).rejects.toMatchObject({
      code: 'invalid-environment'
    })
  })
})
