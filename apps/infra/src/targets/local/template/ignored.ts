import { z } from 'zod'

const reasons = z.registry<{ readonly reason: string }>()

/** A property that the local target deliberately leaves out, whatever its value, with the reason. */
export function ignored(reason: string): z.ZodOptional<z.ZodUnknown> {
  const schema = z.unknown().optional()
  reasons.add(schema, { reason })
  return schema
}

/** The reason a property is left out; undefined for one the target acts on. */
export function reasonIgnored(schema: z.ZodType): string | undefined {
  return reasons.get(schema)?.reason
}

const network = 'tasks listen on loopback of this machine; there is no virtual network to build'
const permissions = 'tasks on this machine hold no AWS permissions'

/** Resource types the local target deliberately leaves out, with the reason. */
export const ignoredResourceTypes: Readonly<Record<string, string>> = {
  'AWS::EC2::VPC': network,
  'AWS::EC2::Subnet': network,
  'AWS::EC2::RouteTable': network,
  'AWS::EC2::SubnetRouteTableAssociation': network,
  'AWS::EC2::Route': network,
  'AWS::EC2::InternetGateway': network,
  'AWS::EC2::VPCGatewayAttachment': network,
  'AWS::EC2::SecurityGroup': network,
  'AWS::EC2::SecurityGroupIngress': network,
  'AWS::EC2::SecurityGroupEgress': network,
  'AWS::IAM::Role': permissions,
  'AWS::IAM::Policy': permissions
}
