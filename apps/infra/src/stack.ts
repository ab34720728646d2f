import {
  Aws,
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
import {
  CfnService,
  Cluster,
  ContainerInsights,
  FargateService,
  PropagatedTagSource
} from 'aws-cdk-lib/aws-ecs'
import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { CfnParameter as StoredParameter } from 'aws-cdk-lib/aws-ssm'
import type { Construct } from 'constructs'
import { acknowledgeFindings } from './acknowledged-findings.ts'
import { bucketAccess } from './constructs/bucket-access.ts'
import { containerPort } from './constructs/container-port.ts'
import { Entrance, type EntranceAccess } from './constructs/entrance.ts'
import { Firewall } from './constructs/firewall.ts'
import { asCluster } from './constructs/interfaces.ts'
import { Monitoring } from './constructs/monitoring.ts'
import { Network, type NetworkChoice } from './constructs/network.ts'
import { McpTask } from './constructs/task.ts'

/** An ECR repository that the tasks pull their image from. */
export interface ImageRepository {
  readonly name: string
  /** ARN, which names account, region and partition. */
  readonly arn: string
}

export interface QuiltMcpStackProps extends StackProps {
  readonly network: NetworkChoice
  /** Tasks in private subnets. @default false */
  readonly privateTasks?: boolean
  /** How clients come in. @default - CloudFront with its own name */
  readonly access?: EntranceAccess
  /** A web application firewall in front. @default false */
  readonly firewall?: boolean
  /** Bucket for access logs of the load balancer. @default - none are written */
  readonly accessLogBucket?: string
  /** SNS topic that is told of alarms. @default - nobody is */
  readonly alarmTopicArn?: string
  /** Buckets that the server serves. @default - none */
  readonly dataBuckets?: readonly string[]
  /** The server may write to `dataBuckets`. @default false */
  readonly dataWrite?: boolean
  /** @default - the image comes from a registry that needs no permission of the execution role */
  readonly repository?: ImageRepository
  /** Environment variables of the server, beside those it always gets. @default - none */
  readonly environment?: Readonly<Record<string, string>>
}

const tasks = { least: 2, most: 10 }

/**
 * What runs: the server's tasks on Fargate, behind a load balancer and HTTPS, with logs, alarms and scaling.
 *
 * Both deployment targets read the template of this stack: AWS creates all of it, the local target runs the tasks of
 * its service on this machine. The image and the version are parameters, so that one source makes one template
 * whatever the commit. No physical names: two stacks may live in one account.
 */
export class QuiltMcpStack extends Stack {
  constructor(scope: Construct, id: string, props: QuiltMcpStackProps) {
    const { network: choice, access = { kind: 'cloudfront' }, dataBuckets = [], ...options } = props
    super(scope, id, props)
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

    const network = new Network(this, 'Network', {
      choice,
      privateTasks: options.privateTasks ?? false,
      privateEntrance: access.kind === 'cloudfront'
    })
    const entrance = new Entrance(this, 'Entrance', {
      vpc: network.vpc,
      subnets: network.entrance,
      access,
      ...(options.accessLogBucket === undefined ? {} : { accessLogBucket: options.accessLogBucket })
    })
    if (options.firewall === true) new Firewall(this, 'Firewall', { entrance })
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
        PROXY_HOPS: String(entrance.hops),
        ALLOWED_HOSTS: Fn.join(',', ['localhost', '127.0.0.1', entrance.host]),
        ...(dataBuckets.length === 0
          ? {}
          : { QUILT_REGISTRIES: dataBuckets.map((bucket) => `s3://${bucket}`).join(',') }),
        ...options.environment
      },
      ...(options.repository === undefined
        ? {}
        : {
            repository: Repository.fromRepositoryAttributes(this, 'Repository', {
              repositoryName: options.repository.name,
              repositoryArn: options.repository.arn
            })
          })
    })
    if (dataBuckets.length > 0)
      for (const statement of bucketAccess(dataBuckets, options.dataWrite === true))
        task.definition.addToTaskRolePolicy(statement)
    const cluster = new Cluster(this, 'Cluster', {
      vpc: network.vpc,
      containerInsightsV2: ContainerInsights.ENABLED
    })
    const service = new FargateService(this, 'Service', {
      cluster: asCluster(cluster),
      taskDefinition: task.definition,
      desiredCount: tasks.least,
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { enable: true, rollback: true },
      healthCheckGracePeriod: Duration.seconds(30),
      // In public subnets without NAT the address is the task's way out. Its security group admits the load balancer only.
      assignPublicIp: options.privateTasks !== true,
      vpcSubnets: network.tasks,
      propagateTags: PropagatedTagSource.SERVICE
    })
    keepFailures(service)
    const tagged = { includeResourceTypes: ['AWS::ECS::Service', 'AWS::ECS::TaskDefinition'] }
    for (const construct of [service, task.definition]) {
      Tags.of(construct).add('Version', version.valueAsString, tagged)
      Tags.of(construct).add('Revision', revision.valueAsString, tagged)
    }
    const targetGroup = entrance.admit(service)
    scale(service, targetGroup)
    new Monitoring(this, 'Monitoring', {
      service,
      targetGroup,
      ...(options.alarmTopicArn === undefined ? {} : { topicArn: options.alarmTopicArn })
    })
    // What was deployed and proven, newest first; the programs write it.
    const history = new StoredParameter(this, 'History', {
      type: 'String',
      name: Fn.join('', ['/', Aws.STACK_NAME, '/history']),
      value: '[]'
    })

    const outputs = {
      LoadBalancerUrl: entrance.url,
      McpEndpoint: `${entrance.url}/mcp`,
      LoadBalancerArn: entrance.loadBalancer.loadBalancerArn,
      ClusterName: cluster.clusterName,
      ServiceName: service.serviceName,
      TaskDefinitionArn: task.definition.taskDefinitionArn,
      TargetGroupArn: targetGroup.targetGroupArn,
      LogGroupName: logGroup.logGroupName,
      HistoryParameter: history.ref
    }
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value })
    acknowledgeFindings(this, dataBuckets)
  }

  /** The first two zones of whatever region: with a named region the CDK would look them up in the account. */
  override get availabilityZones(): string[] {
    return [Fn.select(0, Fn.getAzs()), Fn.select(1, Fn.getAzs())]
  }
}

/** One task that comes up does not make the circuit breaker forget those that did not. */
function keepFailures(service: FargateService): void {
  const resource = service.node.defaultChild?.node.defaultChild ?? service.node.findChild('Service')
  if (!(resource instanceof CfnService)) throw new TypeError('the service has no CfnService')
  resource.addPropertyOverride('DeploymentConfiguration.DeploymentCircuitBreaker.ResetOnHealthyTask', false)
}

function scale(service: FargateService, targetGroup: ApplicationTargetGroup): void {
  const scaling = service.autoScaleTaskCount({ minCapacity: tasks.least, maxCapacity: tasks.most })
  scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60 })
  // Half of what one task of this size serves, so that there is room while another one starts.
  scaling.scaleOnRequestCount('Requests', { targetGroup, requestsPerTarget: 30_000 })
}
