import { BatchGetImageCommand, DescribeImagesCommand, PutImageCommand } from '@aws-sdk/client-ecr'
import {
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListStackResourcesCommand,
  UpdateStackCommand,
  type Stack
} from '@aws-sdk/client-cloudformation'
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import { FilterLogEventsCommand, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListTasksCommand
} from '@aws-sdk/client-ecs'
import {
  DescribeLoadBalancerAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { mockClient } from 'aws-sdk-client-mock'
import { awsClients } from '../src/targets/aws/clients.ts'
import { fakeEc2 } from './fake-ec2.ts'

export const account = '123456789012'
export const registry = `${account}.dkr.ecr.us-east-1.amazonaws.com`
export const name = 'quilt-mcp-dev'
export const digest = (letter: string): string => `sha256:${letter.repeat(64)}`
export const imageUri = (letter: string): string => `${registry}/quilt-mcp@${digest(letter)}`

/** One entry of the history as the SSM parameter holds it. */
export function entry(letter: string, proof: 'none' | 'passed' | 'failed' = 'passed') {
  return {
    v: letter.repeat(7),
    r: letter.repeat(40),
    c: '2026-01-02T03:04:05Z',
    d: digest(letter),
    t: '2026-01-02T04:00:00.000Z',
    p: proof
  }
}

/** An error as the AWS SDK throws it. */
export function refusal(errorName: string, message: string): Error {
  return Object.assign(new Error(message), { name: errorName })
}

/** The stack of version `aaaaaaa`, as DescribeStacks gives it. */
export function stackOf(letter = 'a', StackStatus: Stack['StackStatus'] = 'UPDATE_COMPLETE'): Stack {
  const outputs = {
    McpEndpoint: 'https://example.cloudfront.net/mcp',
    LoadBalancerUrl: 'https://example.cloudfront.net',
    LoadBalancerArn: 'arn:lb',
    ClusterName: 'cluster',
    ServiceName: 'service',
    TaskDefinitionArn: `task:${letter}`,
    TargetGroupArn: 'arn:tg',
    LogGroupName: 'logs',
    HistoryParameter: `/${name}/history`
  }
  return {
    StackName: name,
    StackId: `arn:stack/${name}`,
    CreationTime: new Date('2026-01-01'),
    StackStatus,
    Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
    Parameters: Object.entries({
      ImageUri: imageUri(letter),
      Version: letter.repeat(7),
      Revision: letter.repeat(40)
    }).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }))
  }
}

/** Clients of an account in which version `aaaaaaa` is deployed and healthy; tests change single answers. */
export function fakeAccount() {
  const clients = awsClients('us-east-1')
  const cloudFormation = mockClient(clients.cloudFormation)
  const cloudWatch = mockClient(clients.cloudWatch)
  const logs = mockClient(clients.logs)
  const { ec2 } = fakeEc2(clients.ec2)
  const ecr = mockClient(clients.ecr)
  const ecs = mockClient(clients.ecs)
  const balancing = mockClient(clients.balancing)
  const s3 = mockClient(clients.s3)
  const ssm = mockClient(clients.ssm)
  const sts = mockClient(clients.sts)

  sts.on(GetCallerIdentityCommand).resolves({ Account: account, Arn: `arn:aws:iam::${account}:user/me` })
  cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stackOf()] })
  cloudFormation.on(DescribeStackEventsCommand).resolves({ StackEvents: [] })
  cloudFormation.on(GetTemplateCommand).resolves({ TemplateBody: '{"Resources":{}}' })
  cloudFormation.on(UpdateStackCommand).resolves({})
  cloudFormation.on(DeleteStackCommand).resolves({})
  cloudFormation.on(ListStackResourcesCommand).resolves({
    StackResourceSummaries: [
      'AWS::ECS::Cluster',
      'AWS::ECS::Service',
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
      'AWS::ElasticLoadBalancingV2::TargetGroup'
    ].map((ResourceType, index) => ({
      ResourceType,
      LogicalResourceId: `R${index}`,
      LastUpdatedTimestamp: new Date(),
      ResourceStatus: 'CREATE_COMPLETE'
    }))
  })
  ecs.on(DescribeServicesCommand).resolves({
    services: [
      {
        taskDefinition: 'task:a',
        desiredCount: 2,
        runningCount: 2,
        deployments: [{ rolloutState: 'COMPLETED' }],
        tags: [
          { key: 'Version', value: 'a'.repeat(7) },
          { key: 'Revision', value: 'a'.repeat(40) }
        ]
      }
    ]
  })
  ecs
    .on(DescribeTaskDefinitionCommand)
    .resolves({ taskDefinition: { containerDefinitions: [{ image: imageUri('a') }] } })
  ecs.on(ListTasksCommand).resolves({ taskArns: ['arn:task/cluster/t1', 'arn:task/cluster/t2'] })
  ecs.on(DescribeTasksCommand).resolves({
    tasks: ['t1', 't2'].map((id, index) => ({
      taskArn: `arn:task/cluster/${id}`,
      lastStatus: 'RUNNING',
      healthStatus: 'HEALTHY',
      attachments: [{ details: [{ name: 'privateIPv4Address', value: `10.0.0.${index}` }] }]
    }))
  })
  balancing.on(DescribeTargetHealthCommand).resolves({
    TargetHealthDescriptions: [0, 1].map((index) => ({
      Target: { Id: `10.0.0.${index}` },
      TargetHealth: { State: 'healthy' }
    }))
  })
  balancing.on(DescribeTargetGroupsCommand).resolves({
    TargetGroups: [{ HealthCheckEnabled: true, HealthCheckPath: '/health', HealthCheckIntervalSeconds: 5 }]
  })
  balancing.on(DescribeLoadBalancerAttributesCommand).resolves({
    Attributes: [
      { Key: 'access_logs.s3.enabled', Value: 'true' },
      { Key: 'access_logs.s3.bucket', Value: 'logs-x' }
    ]
  })
  s3.on(ListObjectsV2Command).resolves({ Contents: [{ Key: 'AWSLogs/1/elasticloadbalancing/x.gz' }] })
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: JSON.stringify([entry('a'), entry('b')]) } })
  ssm.on(PutParameterCommand).resolves({})
  ecr.on(DescribeImagesCommand).resolves({ imageDetails: [{ imageDigest: digest('b') }] })
  ecr.on(BatchGetImageCommand).resolves({ images: [{ imageManifest: '{}' }] })
  ecr.on(PutImageCommand).resolves({})
  logs.on(FilterLogEventsCommand).resolves({ events: [{ message: 'x' }] })
  logs.on(GetLogEventsCommand).resolves({ events: [{ message: 'cannot read configuration' }] })
  cloudWatch.on(GetMetricDataCommand).resolves({
    MetricDataResults: ['cpuutilization', 'memoryutilization'].map((Id) => ({ Id, Values: [1] }))
  })
  return { clients, cloudFormation, cloudWatch, logs, ec2, ecr, ecs, balancing, s3, ssm, sts }
}
