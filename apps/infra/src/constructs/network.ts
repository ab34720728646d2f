import { CfnParameter, Fn, Stack } from 'aws-cdk-lib'
import { SubnetType, Vpc, type IVpc, type SubnetSelection } from 'aws-cdk-lib/aws-ec2'
import { Construct } from 'constructs'
import { asVpc } from './interfaces.ts'

/** Where the service and its load balancer live. */
export type NetworkChoice =
  /** A VPC of the stack's own: two zones, public subnets, no NAT gateway to pay for. */
  | { readonly kind: 'new' }
  /** A VPC that exists. Its two public subnets are given to the template as parameter SubnetIds. */
  | { readonly kind: 'existing'; readonly vpcId: string }

export interface NetworkProps {
  readonly choice: NetworkChoice
}

/**
 * The VPC and the subnets to use in it. Nothing is looked up at synthesis: zones are the first two of the region,
 * subnets of an existing VPC are a parameter, so that the template depends on the source alone.
 */
export class Network extends Construct {
  readonly vpc: IVpc
  readonly subnets: SubnetSelection = { subnetType: SubnetType.PUBLIC }

  constructor(scope: Construct, id: string, { choice }: NetworkProps) {
    super(scope, id)
    const zones = [...Stack.of(this).availabilityZones]
    switch (choice.kind) {
      case 'new':
        this.vpc = asVpc(
          new Vpc(this, 'Vpc', {
            availabilityZones: zones,
            natGateways: 0,
            subnetConfiguration: [{ name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24 }],
            // Restricting it takes a Lambda function; nothing here uses the default security group.
            restrictDefaultSecurityGroup: false
          })
        )
        break
      case 'existing': {
        const subnetIds = new CfnParameter(this, 'SubnetIds', {
          type: 'List<AWS::EC2::Subnet::Id>',
          description: 'Two public subnets of the VPC, in two zones.'
        })
        subnetIds.overrideLogicalId('SubnetIds')
        this.vpc = Vpc.fromVpcAttributes(this, 'Vpc', {
          vpcId: choice.vpcId,
          availabilityZones: zones,
          publicSubnetIds: [Fn.select(0, subnetIds.valueAsList), Fn.select(1, subnetIds.valueAsList)]
        })
      }
    }
  }
}
