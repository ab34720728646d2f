import { afterAll, describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { z } from 'zod'
import { infraApp, type StackEnvironment } from './app.ts'
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
  const template = TemplateSchema.parse(assembly.getStackArtifact(stackName).template)
  return { template: Template.fromJSON(template), missing: assembly.manifest.missing ?? [] }
}

const TemplateSchema = z.record(z.string(), z.unknown())
const variants = {
  'a new VPC': synthesized({}),
  'plain HTTP in an existing VPC, from ECR': synthesized({
    ALLOW_PLAIN_HTTP: true,
    VPC_ID: 'vpc-12345678',
    ECR_REGISTRY: '123456789012.dkr.ecr.eu-central-1.amazonaws.com'
  }),
  'a domain, private tasks and everything that can be asked for': synthesized({
    DOMAIN_NAME: 'mcp.example.org',
    HOSTED_ZONE_ID: 'Z0123456789',
    PRIVATE_SUBNETS: true,
    WAF: true,
    ALARM_TOPIC_ARN: 'arn:aws:sns:us-east-1:123456789012:alarms',
    ACCESS_LOG_BUCKET: 'logs-of-balancers',
    DATA_BUCKETS: ['packages'],
    DATA_WRITE: true,
    SERVER_ENVIRONMENT: { LOG_LEVEL: 'debug' }
  }),
  'a certificate and buckets to read': synthesized({
    DOMAIN_NAME: 'mcp.example.org',
    CERTIFICATE_ARN: 'arn:aws:acm:us-east-1:123456789012:certificate/0123-abcd',
    DATA_BUCKETS: ['packages']
  })
}
const full = variants['a domain, private tasks and everything that can be asked for'].template
const certified = variants['a certificate and buckets to read'].template
const existing = variants['plain HTTP in an existing VPC, from ECR'].template
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
  test('goes back by itself on 5xx, latency and unhealthy tasks, not on 4xx', () => {
    plain.hasResourceProperties('AWS::ECS::Service', {
      DeploymentConfiguration: Match.objectLike({
        Alarms: {
          Enable: true,
          Rollback: true,
          AlarmNames: [Match.anyValue(), Match.anyValue(), Match.anyValue()]
        }
      })
    })
    const metrics = Object.values(plain.findResources('AWS::CloudWatch::Alarm')).map((alarm) =>
      'MetricName' in propertiesOf(alarm) ? propertiesOf(alarm) : {}
    )
    expect(metrics).toHaveLength(3)
    for (const MetricName of ['HTTPCode_Target_5XX_Count', 'TargetResponseTime', 'UnHealthyHostCount'])
      expect(metrics).toContainEqual(expect.objectContaining({ MetricName }))
  })

  test('scales on CPU and on requests per target', () => {
    plain.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', {
      MinCapacity: 2,
      MaxCapacity: 10
    })
    for (const PredefinedMetricType of ['ECSServiceAverageCPUUtilization', 'ALBRequestCountPerTarget'])
      plain.hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
        TargetTrackingScalingPolicyConfiguration: Match.objectLike({
          PredefinedMetricSpecification: Match.objectLike({ PredefinedMetricType })
        })
      })
  })

  test('runs in a cluster with container insights', () => {
    plain.hasResourceProperties('AWS::ECS::Cluster', {
      ClusterSettings: [{ Name: 'containerInsights', Value: 'enabled' }]
    })
  })

  test('keeps two tasks, rolls at 100/200 % and goes back by itself', () => {
    plain.hasResourceProperties('AWS::ECS::Service', {
      DesiredCount: 2,
      LaunchType: 'FARGATE',
      HealthCheckGracePeriodSeconds: 30,
      DeploymentConfiguration: Match.objectLike({
        MinimumHealthyPercent: 100,
        MaximumPercent: 200,
        DeploymentCircuitBreaker: { Enable: true, Rollback: true, ResetOnHealthyTask: false }
      })
    })
  })

  test('and its task definition carry version and revision as tags, and nothing else does', () => {
    plain.hasResourceProperties('AWS::ECS::Service', { Tags: version })
    plain.hasResourceProperties('AWS::ECS::TaskDefinition', { Tags: version })
    plain.allResourcesProperties('AWS::IAM::Role', { Tags: Match.absent() })
  })

  test('is reached by the load balancer’s security group only', () => {
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

describe('HTTPS', () => {
  test('is CloudFront’s where there is no domain: the load balancer has no public address and admits CloudFront only', () => {
    plain.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', { Scheme: 'internal' })
    plain.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: Match.objectLike({
        DefaultCacheBehavior: Match.objectLike({
          ViewerProtocolPolicy: 'https-only',
          AllowedMethods: Match.arrayWith(['POST', 'DELETE'])
        }),
        Origins: [Match.objectLike({ VpcOriginConfig: Match.anyValue() })]
      })
    })
    plain.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 80,
      SourcePrefixListId: { Ref: 'CloudFrontPrefixListId' }
    })
    expect(JSON.stringify(plain.findResources('AWS::EC2::SecurityGroup'))).not.toMatch(
      /"CidrIp":"0\.0\.0\.0\/0".*"FromPort":80/
    )
    plain.hasOutput('McpEndpoint', {
      Value: { 'Fn::Join': ['', ['https://', { 'Fn::GetAtt': Match.arrayWith(['DomainName']) }, '/mcp']] }
    })
  })

  test('is the load balancer’s with a certificate that is given', () => {
    certified.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Port: 443,
      Protocol: 'HTTPS',
      SslPolicy: Match.stringLikeRegexp('TLS13-1-2'),
      Certificates: [{ CertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/0123-abcd' }]
    })
    certified.resourceCountIs('AWS::ElasticLoadBalancingV2::Listener', 1)
    certified.resourceCountIs('AWS::CertificateManager::Certificate', 0)
    certified.resourceCountIs('AWS::Route53::RecordSet', 0)
    certified.hasOutput('McpEndpoint', { Value: 'https://mcp.example.org/mcp' })
  })

  test('with a zone makes the certificate, its proof and the alias', () => {
    full.hasResourceProperties('AWS::CertificateManager::Certificate', {
      DomainName: 'mcp.example.org',
      DomainValidationOptions: [{ DomainName: 'mcp.example.org', HostedZoneId: 'Z0123456789' }]
    })
    full.hasResourceProperties('AWS::Route53::RecordSet', {
      Name: 'mcp.example.org',
      Type: 'A',
      HostedZoneId: 'Z0123456789',
      AliasTarget: Match.anyValue()
    })
  })

  test('is left out with the explicit flag only', () => {
    existing.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Port: 80, Protocol: 'HTTP' })
    existing.resourceCountIs('AWS::CloudFront::Distribution', 0)
  })
})

describe('what can be asked for', () => {
  test('a firewall has managed rules and a rate limit', () => {
    plain.resourceCountIs('AWS::WAFv2::WebACL', 0)
    full.hasResourceProperties('AWS::WAFv2::WebACL', {
      Scope: 'REGIONAL',
      Rules: Match.arrayWith([
        Match.objectLike({ Name: 'AWSManagedRulesCommonRuleSet' }),
        Match.objectLike({ Name: 'RateLimit', Statement: { RateBasedStatement: Match.anyValue() } })
      ])
    })
    full.resourceCountIs('AWS::WAFv2::WebACLAssociation', 1)
  })

  test('access logs go to the bucket that is named', () => {
    full.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      LoadBalancerAttributes: Match.arrayWith([
        { Key: 'access_logs.s3.enabled', Value: 'true' },
        { Key: 'access_logs.s3.bucket', Value: 'logs-of-balancers' }
      ])
    })
  })

  test('alarms go to the topic that is given', () => {
    full.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: ['arn:aws:sns:us-east-1:123456789012:alarms']
    })
  })

  test('private subnets have a way out, and tasks in them no public address', () => {
    full.resourceCountIs('AWS::EC2::NatGateway', 1)
    full.hasResourceProperties('AWS::ECS::Service', {
      NetworkConfiguration: { AwsvpcConfiguration: Match.objectLike({ AssignPublicIp: 'DISABLED' }) }
    })
  })

  test('the task role reads the buckets that are named, and writes where that is enabled', () => {
    const allowed = (template: Template): string =>
      JSON.stringify(
        Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) => id.includes('TaskRole'))
      )
    expect(allowed(plain)).toBe('[]')
    expect(allowed(certified)).toContain('s3:::packages/*')
    expect(allowed(certified)).toContain('"s3:GetObject"')
    expect(allowed(certified)).not.toContain('s3:PutObject')
    expect(allowed(full)).toContain('"s3:PutObject"')
    full.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({
          Environment: Match.arrayWith([
            { Name: 'QUILT_REGISTRIES', Value: 's3://packages' },
            { Name: 'LOG_LEVEL', Value: 'debug' }
          ])
        })
      ]
    })
  })

  test('a dashboard and the history of versions are always there', () => {
    plain.resourceCountIs('AWS::CloudWatch::Dashboard', 1)
    plain.hasResourceProperties('AWS::SSM::Parameter', { Type: 'String', Value: '[]' })
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
        [
          'ClusterName',
          'ServiceName',
          'LogGroupName',
          'RoleName',
          'BucketName',
          'AlarmName',
          'DashboardName'
        ].includes(key)
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

  test('makes a VPC of its own in two zones and nothing in it to pay for', () => {
    plain.resourceCountIs('AWS::EC2::VPC', 1)
    plain.resourceCountIs('AWS::EC2::Subnet', 4)
    plain.resourceCountIs('AWS::EC2::NatGateway', 0)
  })

  test('uses the VPC of VPC_ID with two subnets for each tier that are parameters', () => {
    existing.resourceCountIs('AWS::EC2::VPC', 0)
    existing.resourceCountIs('AWS::EC2::Subnet', 0)
    existing.hasParameter('SubnetIds', { Type: 'List<AWS::EC2::Subnet::Id>' })
    existing.hasParameter('TaskSubnetIds', { Type: 'List<AWS::EC2::Subnet::Id>' })
    existing.hasResourceProperties('AWS::EC2::SecurityGroup', { VpcId: 'vpc-12345678' })
  })

  test('lets the execution role pull from the ECR repository it deploys, and from no other', () => {
    existing.hasResourceProperties('AWS::IAM::Policy', {
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
})

function propertiesOf(resource: unknown): object {
  return typeof resource === 'object' && resource !== null && 'Properties' in resource
    ? (resource.Properties ?? {})
    : {}
}
