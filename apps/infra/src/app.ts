import { awsPlace, type PipelineEnvironment } from '@fast-mcp/validation'
import { parseEcrHost } from '@fast-mcp/versioning'
import { App, type AppProps } from 'aws-cdk-lib'
import type { EntranceAccess } from './constructs/entrance.ts'
import { QuiltMcpStack, type ImageRepository, type QuiltMcpStackProps } from './stack.ts'
import { awsStackName, stackName } from './template-path.ts'

/** The pipeline's variables without those that only steps before the stack read. */
export type StackEnvironment = Omit<
  PipelineEnvironment,
  'BASE_IMAGE' | 'CONTAINER_ENGINE' | 'LOCAL_HTTPS_PORT' | 'COSIGN_KEY'
>

/**
 * The CDK app: one stack, made from the pipeline's variables alone. Account and region come from CDK_DEFAULT_*, else
 * from the ECR registry's name, else they stay open.
 */
export function infraApp(environment: StackEnvironment, props: AppProps = {}): App {
  const app = new App({
    analyticsReporting: false,
    treeMetadata: false,
    // A wasm validator that costs 2.5 s a synthesis; a test runs it.
    builtinCloudFormationValidation: false,
    ...props
  })
  const { account, region } = awsPlace(environment)
  new QuiltMcpStack(app, stackName, {
    stackName: awsStackName(environment),
    description: 'Fast MCP server: Quilt data for language-model clients.',
    env: { ...(account === undefined ? {} : { account }), ...(region === undefined ? {} : { region }) },
    ...stackChoices(environment)
  })
  return app
}

function stackChoices(environment: StackEnvironment): QuiltMcpStackProps {
  const { VPC_ID, ACCESS_LOG_BUCKET, ALARM_TOPIC_ARN, DATA_BUCKETS, SERVER_ENVIRONMENT } = environment
  const repository = imageRepository(environment)
  return {
    network: VPC_ID === undefined ? { kind: 'new' } : { kind: 'existing', vpcId: VPC_ID },
    access: entranceAccess(environment),
    privateTasks: environment.PRIVATE_SUBNETS === true,
    firewall: environment.WAF === true,
    dataWrite: environment.DATA_WRITE === true,
    ...(ACCESS_LOG_BUCKET === undefined ? {} : { accessLogBucket: ACCESS_LOG_BUCKET }),
    ...(ALARM_TOPIC_ARN === undefined ? {} : { alarmTopicArn: ALARM_TOPIC_ARN }),
    ...(DATA_BUCKETS === undefined ? {} : { dataBuckets: DATA_BUCKETS }),
    ...(SERVER_ENVIRONMENT === undefined ? {} : { environment: SERVER_ENVIRONMENT }),
    ...(repository === undefined ? {} : { repository })
  }
}

function entranceAccess(environment: StackEnvironment): EntranceAccess {
  const { DOMAIN_NAME: domain, CERTIFICATE_ARN: certificateArn, HOSTED_ZONE_ID: hostedZoneId } = environment
  if (domain !== undefined) return { kind: 'domain', domain, certificateArn, hostedZoneId }
  return environment.ALLOW_PLAIN_HTTP === true ? { kind: 'plain' } : { kind: 'cloudfront' }
}

function imageRepository({ ECR_REGISTRY, ECR_REPOSITORY }: StackEnvironment): ImageRepository | undefined {
  const ecr = ECR_REGISTRY === undefined ? undefined : parseEcrHost(ECR_REGISTRY)
  return (
    ecr && {
      name: ECR_REPOSITORY,
      arn: `arn:${ecr.partition}:ecr:${ecr.region}:${ecr.account}:repository/${ECR_REPOSITORY}`
    }
  )
}
