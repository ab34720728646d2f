import { Duration } from 'aws-cdk-lib'
import type { IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2'
import type { FargateService } from 'aws-cdk-lib/aws-ecs'
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  TargetGroupLoadBalancingAlgorithmType,
  type ApplicationListener,
  type ApplicationTargetGroup
} from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import { Construct } from 'constructs'
import { containerPort } from './task.ts'

export interface EntranceProps {
  readonly vpc: IVpc
  readonly subnets: SubnetSelection
  readonly service: FargateService
}

/** The way in: load balancer, its listener and the target group with the service's tasks. */
export class Entrance extends Construct {
  readonly loadBalancer: ApplicationLoadBalancer
  readonly listener: ApplicationListener
  readonly targetGroup: ApplicationTargetGroup

  constructor(scope: Construct, id: string, { vpc, subnets, service }: EntranceProps) {
    super(scope, id)
    this.loadBalancer = new ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc,
      vpcSubnets: subnets,
      internetFacing: true,
      idleTimeout: Duration.seconds(60),
      dropInvalidHeaderFields: true
    })
    this.listener = this.loadBalancer.addListener('Listener', {
      port: 80,
      protocol: ApplicationProtocol.HTTP
    })
    this.targetGroup = this.listener.addTargets('Tasks', {
      port: containerPort,
      protocol: ApplicationProtocol.HTTP,
      targets: [service.loadBalancerTarget({ containerName: 'server', containerPort })],
      loadBalancingAlgorithmType: TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
      deregistrationDelay: Duration.seconds(30),
      healthCheck: {
        path: '/health',
        healthyHttpCodes: '200',
        interval: Duration.seconds(5),
        timeout: Duration.seconds(2),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 2
      }
    })
  }
}
