import { CfnParameter, Fn, Stack } from 'aws-cdk-lib'
import {
  SubnetType,
  Vpc,
  type IVpc,
  type SubnetConfiguration,
  type SubnetSelection
} from 'aws-cdk-lib/aws-ec2'
import { Construct } from 'constructs'
import { asVpc } from './interfaces.ts'

/** Where the service and its load balancer live. */
export type NetworkChoice =
  /** A VPC of the stack's own, in two zones. */
  | { readonly kind: 'new' }
  /** A VPC that exists. Its subnets are given to the template as parameters SubnetIds and TaskSubnetIds. */
  | { readonly kind: 'existing'; readonly vpcId: string }

export interface NetworkProps {
  readonly choice: NetworkChoice
  /** Tasks in private subnets, behind one NAT gateway. @default false: public subnets, nothing to pay for */
  readonly privateTasks?: boolean
  /** The load balancer in subnets that no route from outside leads to. @default false */
  readonly privateEntrance?: boolean
}

const publicSubnets = { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24 }
const taskSubnets = { name: 'tasks', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 24 }
const entranceSubnets = { name: 'entrance', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 28 }

/**
 * The VPC and the subnets to use in it. Nothing is looked up at synthesis: zones are the first two of the region,
 * subnets of an existing VPC are parameters, so that the template depends on the source alone.
 */
export class Network extends Construct {
  readonly vpc: IVpc
  /** Of the load balancer. */
  readonly entrance: SubnetSelection
  readonly tasks: SubnetSelection

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id)
    const { choice, privateTasks = false, privateEntrance = false } = props
    const zones = [...Stack.of(this).availabilityZones]
    if (choice.kind === 'new') {
      this.vpc = asVpc(
        new Vpc(this, 'Vpc', {
          availabilityZones: zones,
          natGateways: privateTasks ? 1 : 0,
          subnetConfiguration: [
            publicSubnets,
            ...(privateTasks ? [taskSubnets] : []),
            ...(privateEntrance ? [entranceSubnets] : [])
          ],
          // Restricting it takes a Lambda function; nothing here uses the default security group.
          restrictDefaultSecurityGroup: false
        })
      )
      this.entrance = group(privateEntrance ? entranceSubnets : publicSubnets)
      this.tasks = group(privateTasks ? taskSubnets : publicSubnets)
      return
    }
    const parameter = (name: string, description: string): readonly [string, string] => {
      const ids = new CfnParameter(this, name, { type: 'List<AWS::EC2::Subnet::Id>', description })
      ids.overrideLogicalId(name)
      return [Fn.select(0, ids.valueAsList), Fn.select(1, ids.valueAsList)]
    }
    const [first, second] = parameter(
      'SubnetIds',
      'Two subnets of the VPC for the load balancer, in two zones.'
    )
    const [one, two] = parameter('TaskSubnetIds', 'Two subnets of the VPC for the tasks, in two zones.')
    this.vpc = Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: choice.vpcId,
      availabilityZones: zones,
      publicSubnetIds: [first, second],
      privateSubnetIds: [one, two]
    })
    this.entrance = { subnetType: SubnetType.PUBLIC }
    this.tasks = { subnetType: SubnetType.PRIVATE_WITH_EGRESS }
  }
}

function group({ name }: SubnetConfiguration): SubnetSelection {
  return { subnetGroupName: name }
}
