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
const entrance = 'the entrance on this machine is HAProxy, with a certificate of the workspace'
const scaling = 'one machine has no more room when there is more to do: the desired count stays'
const monitoring = '`make status` asks tasks and load balancer themselves'
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
  'AWS::EC2::EIP': network,
  'AWS::EC2::NatGateway': network,
  'AWS::IAM::Role': permissions,
  'AWS::IAM::Policy': permissions,
  'AWS::CloudFront::Distribution': entrance,
  'AWS::CloudFront::VpcOrigin': entrance,
  'AWS::CertificateManager::Certificate': entrance,
  'AWS::Route53::RecordSet': entrance,
  'AWS::WAFv2::WebACL': entrance,
  'AWS::WAFv2::WebACLAssociation': entrance,
  'AWS::ApplicationAutoScaling::ScalableTarget': scaling,
  'AWS::ApplicationAutoScaling::ScalingPolicy': scaling,
  'AWS::CloudWatch::Alarm': monitoring,
  'AWS::CloudWatch::Dashboard': monitoring,
  'AWS::SSM::Parameter': 'the history lies in the state of the deployment'
}
