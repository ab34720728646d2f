import {
  DescribeManagedPrefixListsCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  type EC2Client,
  type RouteTable
} from '@aws-sdk/client-ec2'
import { CodedError } from '@fast-mcp/errors'
import type { PipelineEnvironment } from '@fast-mcp/validation'
import { z } from 'zod'

const templateSchema = z.looseObject({ Parameters: z.record(z.string(), z.unknown()).default({}) })

/**
 * Values of the template's parameters that only the account knows: the prefix list of CloudFront, the subnets of an
 * existing VPC, for the tasks private ones where PRIVATE_SUBNETS says so. Throws CodedError `invalid-environment` for a VPC
 * without such subnets in two zones.
 */
export async function accountParameters(
  client: EC2Client,
  template: string,
  { VPC_ID, PRIVATE_SUBNETS }: Pick<PipelineEnvironment, 'VPC_ID' | 'PRIVATE_SUBNETS'>
): Promise<Readonly<Record<string, string>>> {
  const { Parameters: declared } = templateSchema.parse(JSON.parse(template))
  return {
    ...('CloudFrontPrefixListId' in declared ? { CloudFrontPrefixListId: await cloudFront(client) } : {}),
    ...(VPC_ID === undefined || !('SubnetIds' in declared)
      ? {}
      : await subnets(client, VPC_ID, {
          privateEntrance: 'CloudFrontPrefixListId' in declared,
          privateTasks: PRIVATE_SUBNETS === true
        }))
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

interface Subnet {
  readonly id: string
  readonly zone: string
  /** A route leads from it to an internet gateway. */
  readonly open: boolean
}

async function subnets(
  client: EC2Client,
  vpcId: string,
  { privateEntrance, privateTasks }: { readonly privateEntrance: boolean; readonly privateTasks: boolean }
): Promise<Readonly<Record<string, string>>> {
  const all = await readSubnets(client, vpcId)
  const [inside, outside] = [pair(all.filter(({ open }) => !open)), pair(all.filter(({ open }) => open))]
  const entrance = privateEntrance && inside.length === 2 ? inside : outside
  const tasks = privateTasks ? inside : outside.length === 2 ? outside : inside
  if (entrance.length === 2 && tasks.length === 2)
    return { SubnetIds: entrance.join(','), TaskSubnetIds: tasks.join(',') }
  const wanted = entrance.length < 2 ? 'public' : 'private'
  throw new CodedError(
    'invalid-environment',
    `VPC_ID is ${vpcId}, which has no two ${wanted} subnets in two zones`,
    {
      evidence: all
        .map(({ id, zone, open }) => `${id} in ${zone}, ${open ? 'public' : 'private'}`)
        .join('\n'),
      remedy: `Name a VPC with ${wanted} subnets in two zones, or unset ${wanted === 'private' ? 'PRIVATE_SUBNETS' : 'VPC_ID for one of the stack’s own'}.`
    }
  )
}

/** One subnet of each of two zones. */
function pair(list: readonly Subnet[]): readonly string[] {
  return [...new Map(list.map(({ zone, id }) => [zone, id])).values()].slice(0, 2)
}

/** The subnets of a VPC by zone. Whether one is public, its routes say: addresses at launch are another setting. */
async function readSubnets(client: EC2Client, vpcId: string): Promise<readonly Subnet[]> {
  const Filters = [{ Name: 'vpc-id', Values: [vpcId] }]
  const [{ Subnets = [] }, { RouteTables = [] }] = await Promise.all([
    client.send(new DescribeSubnetsCommand({ Filters })),
    client.send(new DescribeRouteTablesCommand({ Filters }))
  ])
  const main = RouteTables.find(({ Associations = [] }) => Associations.some(({ Main }) => Main === true))
  const tableOf = (subnet: string): RouteTable | undefined =>
    RouteTables.find(({ Associations = [] }) => Associations.some(({ SubnetId }) => SubnetId === subnet)) ??
    main
  return Subnets.map(({ SubnetId: id = '', AvailabilityZone: zone = '' }) => ({
    id,
    zone,
    open: (tableOf(id)?.Routes ?? []).some(({ GatewayId = '' }) => GatewayId.startsWith('igw-'))
  })).toSorted((a, b) => a.zone.localeCompare(b.zone) || a.id.localeCompare(b.id))
}
