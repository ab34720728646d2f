import { afterAll, describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { z } from 'zod'
import { infraApp, type StackEnvironment } from './app.ts'
import { QuiltMcpStack } from './stack.ts'
import { readTemplate } from './targets/local/template/read-template.ts'
import { template as fixture } from '../test/local-workspace.ts'
import { stackName } from './template-path.ts'

const outdir = mkdtempSync(join(tmpdir(), 'stack-'))

afterAll(() => {
  rmSync(outdir, { recursive: true })
})

/** What the CDK makes of an environment. */
function synthesized(environment: Partial<StackEnvironment>) {
  const assembly = infraApp({ ECR_REPOSITORY: 'quilt-mcp', ...environment }, { outdir }).synth()
  const template = TemplateSchema.parse(assembly.getStackByName(stackName).template)
  return { template: Template.fromJSON(template), missing: assembly.manifest.missing ?? [] }
}

const TemplateSchema = z.record(z.string(), z.unknown())
const variants = {
  'a new VPC': synthesized({}),
  'an existing VPC': synthesized({ VPC_ID: 'vpc-12345678' }),
  'an ECR registry': synthesized({ ECR_REGISTRY: '123456789012.dkr.ecr.eu-central-1.amazonaws.com' })
}
const plain = variants['a new VPC'].template
const version = Match.arrayWith([
  { Key: 'Revision', Value: { Ref: 'Revision' } },
  { Key: 'Version', Value: { Ref: 'Version' } }
])

describe('the task', () => {
  test('runs the image by digest, which is a parameter', () => {
    plain.hasParameter('ImageUri', { AllowedPattern: '^[^@\\s]+@sha256:[0-9a-f]{64}$' })
    plain.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [Match.objectLike({ Image: { Ref: 'ImageUri' } })]
    })
  })

  test('is non-root, with a read-only root, no capabilities, an init process and 60 s to stop', () => {
    plain.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({
          User: '1000:1000',
          ReadonlyRootFilesystem: true,
          LinuxParameters: { Capabilities: { Drop: ['ALL'] }, InitProcessEnabled: true },
          StopTimeout: 60,
          Privileged: Match.absent()
        })
      ]
    })
  })

  test('has a health check that needs no curl', () => {
    plain.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({
          HealthCheck: Match.objectLike({ Command: ['CMD', 'node', '/app/main.js', '--health'] })
        })
      ]
    })
  })

  test('fits a Fargate size on linux/amd64 and listens on port 8000', () => {
    plain.hasResourceProperties('AWS::ECS::TaskDefinition', {
      Cpu: '512',
      Memory: '1024',
      NetworkMode: 'awsvpc',
      RequiresCompatibilities: ['FARGATE'],
      RuntimePlatform: { CpuArchitecture: 'X86_64', OperatingSystemFamily: 'LINUX' },
      ContainerDefinitions: [
        Match.objectLike({ PortMappings: [Match.objectLike({ ContainerPort: 8000, Protocol: 'tcp' })] })
      ]
    })
  })

  test('logs to the stack’s own log group, which keeps a month, without blocking the server', () => {
    plain.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 })
    const [logGroup] = Object.keys(plain.findResources('AWS::Logs::LogGroup'))
    plain.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({
          LogConfiguration: {
            LogDriver: 'awslogs',
            Options: Match.objectLike({ 'awslogs-group': { Ref: logGroup }, mode: 'non-blocking' })
          }
        })
      ]
    })
  })
})

describe('the service', () => {
  test('keeps two tasks, rolls at 100/200 % and goes back by itself', () => {
    plain.hasResourceProperties('AWS::ECS::Service', {
      DesiredCount: 2,
      LaunchType: 'FARGATE',
      HealthCheckGracePeriodSeconds: 30,
      DeploymentConfiguration: Match.objectLike({
        MinimumHealthyPercent: 100,
        MaximumPercent: 200,
        DeploymentCircuitBreaker: { Enable: true, Rollback: true }
      })
    })
  })

  test('and its task definition carry version and revision as tags, and nothing else does', () => {
    plain.hasResourceProperties('AWS::ECS::Service', { Tags: version })
    plain.hasResourceProperties('AWS::ECS::TaskDefinition', { Tags: version })
    plain.allResourcesProperties('AWS::IAM::Role', { Tags: Match.absent() })
  })

  test('is reached by the load balancer’s security group only', () => {
    plain.resourceCountIs('AWS::EC2::SecurityGroupIngress', 1)
    plain.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 8000,
      ToPort: 8000,
      SourceSecurityGroupId: Match.objectLike({ 'Fn::GetAtt': Match.anyValue() })
    })
  })
})

describe('the entrance', () => {
  test('checks /health and drains for 30 s', () => {
    plain.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      HealthCheckPath: '/health',
      Matcher: { HttpCode: '200' },
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      TargetGroupAttributes: Match.arrayWith([
        { Key: 'deregistration_delay.timeout_seconds', Value: '30' },
        { Key: 'load_balancing.algorithm.type', Value: 'least_outstanding_requests' }
      ])
    })
  })

  test('is an application load balancer in two zones with an idle limit of 60 s', () => {
    plain.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Type: 'application',
      Subnets: [Match.anyValue(), Match.anyValue()],
      LoadBalancerAttributes: Match.arrayWith([{ Key: 'idle_timeout.timeout_seconds', Value: '60' }])
    })
  })
})

describe('the template', () => {
  test('is the one in test/fixtures/template.json, which other tests read', () => {
    expect(plain.toJSON()).toEqual(JSON.parse(fixture))
  })

  test.each(Object.entries(variants))('for %s is one that the local target can read', (_, { template }) => {
    const ImageUri = `127.0.0.1:5000/quilt-mcp@sha256:${'a'.repeat(64)}`
    const parameters = { ImageUri, Version: 'abcdef0', Revision: 'b'.repeat(40) }
    const reading = readTemplate(JSON.stringify(template.toJSON()), parameters)
    expect(reading).toMatchObject({ image: ImageUri, tags: { Version: 'abcdef0' } })
  })

  test.each(Object.entries(variants))('for %s takes no look-up in an account', (_, { missing }) => {
    expect(missing).toEqual([])
  })
})

describe('the stack', () => {
  test('has no physical names, so that two may live in one account', () => {
    const named = Object.values(plain.toJSON()['Resources'] ?? {}).flatMap((resource) =>
      Object.keys(propertiesOf(resource)).filter((key) =>
        ['ClusterName', 'ServiceName', 'LogGroupName', 'RoleName', 'Name', 'BucketName'].includes(key)
      )
    )
    expect(named).toEqual([])
  })

  test.each([
    'LoadBalancerUrl',
    'McpEndpoint',
    'ClusterName',
    'ServiceName',
    'TaskDefinitionArn',
    'LogGroupName'
  ])('gives %s as an output', (name) => {
    plain.hasOutput(name, Match.anyValue())
  })

  test('makes a VPC of its own with two public subnets and nothing to pay for', () => {
    plain.resourceCountIs('AWS::EC2::VPC', 1)
    plain.resourceCountIs('AWS::EC2::Subnet', 2)
    plain.resourceCountIs('AWS::EC2::NatGateway', 0)
  })

  test('uses the VPC of VPC_ID with two subnets that are a parameter', () => {
    const existing = variants['an existing VPC'].template
    existing.resourceCountIs('AWS::EC2::VPC', 0)
    existing.resourceCountIs('AWS::EC2::Subnet', 0)
    existing.hasParameter('SubnetIds', { Type: 'List<AWS::EC2::Subnet::Id>' })
    existing.hasResourceProperties('AWS::EC2::SecurityGroup', { VpcId: 'vpc-12345678' })
  })

  test('lets the execution role pull from the ECR repository it deploys, and from no other', () => {
    const ecr = variants['an ECR registry'].template
    ecr.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: Match.objectLike({
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: Match.arrayWith(['ecr:BatchGetImage']),
            Resource: 'arn:aws:ecr:eu-central-1:123456789012:repository/quilt-mcp'
          })
        ])
      })
    })
  })

  test('takes more environment variables for the server', () => {
    const stack = new QuiltMcpStack(new App({ outdir }), 'Other', {
      network: { kind: 'new' },
      environment: { LOG_LEVEL: 'debug' }
    })
    Template.fromStack(stack).hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({ Environment: Match.arrayWith([{ Name: 'LOG_LEVEL', Value: 'debug' }]) })
      ]
    })
  })
})

function propertiesOf(resource: unknown): object {
  return typeof resource === 'object' && resource !== null && 'Properties' in resource
    ? (resource.Properties ?? {})
    : {}
}
