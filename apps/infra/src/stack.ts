import {
  CfnOutput,
  CfnParameter,
  Duration,
  Fn,
  RemovalPolicy,
  Stack,
  Tags,
  type StackProps
} from 'aws-cdk-lib'
import { Repository } from 'aws-cdk-lib/aws-ecr'
import { Cluster, ContainerInsights, FargateService, PropagatedTagSource } from 'aws-cdk-lib/aws-ecs'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import { Entrance } from './constructs/entrance.ts'
import { asCluster } from './constructs/interfaces.ts'
import { Network, type NetworkChoice } from './constructs/network.ts'
import { containerPort, McpTask } from './constructs/task.ts'

/** An ECR repository that the tasks pull their image from. */
export interface ImageRepository {
  readonly name: string
  /** ARN, which names account, region and partition. */
  readonly arn: string
}

export interface QuiltMcpStackProps extends StackProps {
  readonly network: NetworkChoice
  /** @default - the image comes from a registry that needs no permission of the execution role */
  readonly repository?: ImageRepository
  /** Environment variables of the server, beside those it always gets. @default - none */
  readonly environment?: Readonly<Record<string, string>>
}

/**
 * What runs: the server's tasks on Fargate, behind a load balancer, with logs.
 *
 * Both deployment targets read the template of this stack: AWS creates all of it, the local target runs the tasks of
 * its service on this machine. The image and the version are parameters, so that one source makes one template
 * whatever the commit. No physical names: two stacks may live in one account.
 */
export class QuiltMcpStack extends Stack {
  constructor(scope: Construct, id: string, props: QuiltMcpStackProps) {
    const { network: choice, repository, environment = {}, ...stackProps } = props
    super(scope, id, stackProps)
    const imageUri = new CfnParameter(this, 'ImageUri', {
      description: 'Image of the server by digest.',
      allowedPattern: '^[^@\\s]+@sha256:[0-9a-f]{64}$'
    })
    const version = new CfnParameter(this, 'Version', {
      description: 'Short git SHA the image was built from.',
      allowedPattern: '^[0-9a-f]{4,64}(-dirty)?$'
    })
    const revision = new CfnParameter(this, 'Revision', {
      description: 'Full git SHA the image was built from.',
      allowedPattern: '^([0-9a-f]{40}|[0-9a-f]{64})$'
    })

    const network = new Network(this, 'Network', { choice })
    const logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY
    })
    const task = new McpTask(this, 'Task', {
      imageUri,
      logGroup,
      environment: {
        HOST: '0.0.0.0',
        PORT: String(containerPort),
        // Less than the task's stop timeout, so that the server ends by itself.
        SHUTDOWN_SECONDS: '50',
        ...environment
      },
      ...(repository === undefined
        ? {}
        : {
            repository: Repository.fromRepositoryAttributes(this, 'Repository', {
              repositoryName: repository.name,
              repositoryArn: repository.arn
            })
          })
    })
    const cluster = new Cluster(this, 'Cluster', {
      vpc: network.vpc,
      containerInsightsV2: ContainerInsights.ENABLED
    })
    const service = new FargateService(this, 'Service', {
      cluster: asCluster(cluster),
      taskDefinition: task.definition,
      desiredCount: 2,
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { enable: true, rollback: true },
      healthCheckGracePeriod: Duration.seconds(30),
      // Public subnets without NAT: the address is the task's way out. Its security group admits the load balancer only.
      assignPublicIp: true,
      vpcSubnets: network.subnets,
      propagateTags: PropagatedTagSource.SERVICE
    })
    const tagged = { includeResourceTypes: ['AWS::ECS::Service', 'AWS::ECS::TaskDefinition'] }
    for (const construct of [service, task.definition]) {
      Tags.of(construct).add('Version', version.valueAsString, tagged)
      Tags.of(construct).add('Revision', revision.valueAsString, tagged)
    }
    const entrance = new Entrance(this, 'Entrance', {
      vpc: network.vpc,
      subnets: network.subnets,
      service
    })

    const outputs = {
      LoadBalancerUrl: `http://${entrance.loadBalancer.loadBalancerDnsName}`,
      McpEndpoint: `http://${entrance.loadBalancer.loadBalancerDnsName}/mcp`,
      ClusterName: cluster.clusterName,
      ServiceName: service.serviceName,
      TaskDefinitionArn: task.definition.taskDefinitionArn,
      TargetGroupArn: entrance.targetGroup.targetGroupArn,
      LogGroupName: logGroup.logGroupName
    }
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value })
  }

  /** The first two zones of whatever region: with a named region the CDK would look them up in the account. */
  override get availabilityZones(): string[] {
    return [Fn.select(0, Fn.getAzs()), Fn.select(1, Fn.getAzs())]
  }
}
