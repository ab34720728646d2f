import {
  DescribeManagedPrefixListsCommand,
  DescribeSubnetsCommand,
  type EC2Client
} from '@aws-sdk/client-ec2'
import { CodedError } from '@fast-mcp/errors'
import { z } from 'zod'

const templateSchema = z.looseObject({ Parameters: z.record(z.string(), z.unknown()).default({}) })

/**
 * Values of the template's parameters that only the account knows: the prefix list of CloudFront, the subnets of an
 * existing VPC. Throws CodedError `invalid-environment` for a VPC without subnets in two zones.
 */
export async function accountParameters(
  client: EC2Client,
  template: string,
  vpcId: string | undefined
): Promise<Readonly<Record<string, string>>> {
  const { Parameters: declared } = templateSchema.parse(JSON.parse(template))
  return {
    ...('CloudFrontPrefixListId' in declared ? { CloudFrontPrefixListId: await cloudFront(client) } : {}),
    ...(vpcId === undefined || !('SubnetIds' in declared)
      ? {}
      : await subnets(client, vpcId, 'CloudFrontPrefixListId' in declared))
  }
}

async function cloudFront(client: EC2Client): Promise<string> {
  const name = 'com.amazonaws.global.cloudfront.origin-facing'
  const { PrefixLists = [] } = await client.send(
    new DescribeManagedPrefixListsCommand({ Filters: [{ Name: 'prefix-list-name', Values: [name] }] })
  )
  const id = PrefixLists[0]?.PrefixListId
  if (id !== undefined) return id
  throw new CodedError('invalid-environment', `the region has no prefix list ${name}`, {
    remedy: 'Set DOMAIN_NAME with CERTIFICATE_ARN or HOSTED_ZONE_ID: then CloudFront is not needed.'
  })
}

async function subnets(
  client: EC2Client,
  vpcId: string,
  privateEntrance: boolean
): Promise<Readonly<Record<string, string>>> {
  const { Subnets = [] } = await client.send(
    new DescribeSubnetsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] })
  )
  const all = Subnets.map(({ SubnetId = '', AvailabilityZone = '', MapPublicIpOnLaunch = false }) => ({
    id: SubnetId,
    zone: AvailabilityZone,
    open: MapPublicIpOnLaunch
  })).toSorted((a, b) => a.zone.localeCompare(b.zone) || a.id.localeCompare(b.id))
  const pair = (list: typeof all): readonly string[] => {
    const zones = [...new Map(list.map((subnet) => [subnet.zone, subnet.id])).values()]
    return zones.slice(0, 2)
  }
  const [inside, outside] = [pair(all.filter(({ open }) => !open)), pair(all.filter(({ open }) => open))]
  const entrance = privateEntrance && inside.length === 2 ? inside : outside
  const tasks = outside.length === 2 ? outside : inside
  if (entrance.length < 2 || tasks.length < 2)
    throw new CodedError(
      'invalid-environment',
      `VPC_ID is ${vpcId}, which has no two public subnets in two zones`,
      {
        evidence: all
          .map(({ id, zone, open }) => `${id} in ${zone}, ${open ? 'public' : 'private'}`)
          .join('\n'),
        remedy: 'Name a VPC with public subnets in two zones, or unset VPC_ID for one of the stack’s own.'
      }
    )
  return { SubnetIds: entrance.join(','), TaskSubnetIds: tasks.join(',') }
}
