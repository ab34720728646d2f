import {
  DescribeManagedPrefixListsCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  EC2Client
} from '@aws-sdk/client-ec2'
import { mockClient } from 'aws-sdk-client-mock'

/** EC2 of an account with the prefix list of CloudFront and two public subnets in two zones. */
export function fakeEc2(client = new EC2Client({ region: 'us-east-1' })) {
  const ec2 = mockClient(client)
  ec2.on(DescribeManagedPrefixListsCommand).resolves({ PrefixLists: [{ PrefixListId: 'pl-1' }] })
  ec2.on(DescribeSubnetsCommand).resolves({
    Subnets: ['a', 'b'].map((zone) => ({
      SubnetId: `subnet-${zone}`,
      AvailabilityZone: `us-east-1${zone}`
    }))
  })
  ec2.on(DescribeRouteTablesCommand).resolves({
    RouteTables: [
      { Associations: [{ Main: true }], Routes: [{ GatewayId: 'local' }, { GatewayId: 'igw-1' }] }
    ]
  })
  return { client, ec2 }
}
