import type { PipelineEnvironment } from '@fast-mcp/validation'
import { parseEcrHost } from '@fast-mcp/versioning'
import { App, type AppProps } from 'aws-cdk-lib'
import { QuiltMcpStack, type ImageRepository } from './stack.ts'
import { stackName } from './template-path.ts'

export type StackEnvironment = Pick<
  PipelineEnvironment,
  'ECR_REGISTRY' | 'ECR_REPOSITORY' | 'CDK_DEFAULT_ACCOUNT' | 'CDK_DEFAULT_REGION' | 'VPC_ID'
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
  const { ECR_REGISTRY, ECR_REPOSITORY, VPC_ID } = environment
  const ecr = ECR_REGISTRY === undefined ? undefined : parseEcrHost(ECR_REGISTRY)
  const account = environment.CDK_DEFAULT_ACCOUNT ?? ecr?.account
  const region = environment.CDK_DEFAULT_REGION ?? ecr?.region
  const repository: ImageRepository | undefined = ecr && {
    name: ECR_REPOSITORY,
    arn: `arn:${ecr.partition}:ecr:${ecr.region}:${ecr.account}:repository/${ECR_REPOSITORY}`
  }
  new QuiltMcpStack(app, stackName, {
    description: 'Fast MCP server: Quilt data for language-model clients.',
    env: { ...(account === undefined ? {} : { account }), ...(region === undefined ? {} : { region }) },
    network: VPC_ID === undefined ? { kind: 'new' } : { kind: 'existing', vpcId: VPC_ID },
    ...(repository === undefined ? {} : { repository })
  })
  return app
}
