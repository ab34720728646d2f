import { versionTag, type Version } from '@fast-mcp/versioning'
import { CodedError } from '@fast-mcp/errors'
import type { StackState } from './stack-state.ts'

/** The stack's outputs, by what they are to the programs. */
export interface StackOutputs {
  readonly endpoint: string
  readonly loadBalancerUrl: string
  readonly loadBalancerArn: string
  readonly cluster: string
  readonly service: string
  readonly taskDefinition: string
  readonly targetGroup: string
  readonly logGroup: string
  readonly historyParameter: string
}

/** Throws CodedError `stack-stuck` for a stack that has not all of them: it is not one of this workspace, or not whole. */
export function stackOutputs({ name, status, outputs }: StackState): StackOutputs {
  const output = (key: string): string => {
    const value = outputs[key]
    if (value !== undefined && value !== '') return value
    throw new CodedError('stack-stuck', `the stack ${name} (${status}) has no output ${key}`, {
      remedy: 'Run `make deploy`; if it is another stack of that name, choose another STAGE.'
    })
  }
  return {
    endpoint: output('McpEndpoint'),
    loadBalancerUrl: output('LoadBalancerUrl'),
    loadBalancerArn: output('LoadBalancerArn'),
    cluster: output('ClusterName'),
    service: output('ServiceName'),
    taskDefinition: output('TaskDefinitionArn'),
    targetGroup: output('TargetGroupArn'),
    logGroup: output('LogGroupName'),
    historyParameter: output('HistoryParameter')
  }
}

export interface ConfigValues {
  readonly stack: StackState
  readonly account: string
  readonly region: string
  readonly version: Version
  readonly image: { readonly reference: string; readonly digest: string }
}

/** What `.config` says about a deployment to AWS. */
export function configValues(values: ConfigValues): Readonly<Record<string, string>> {
  const { stack, account, region, version, image } = values
  const outputs = stackOutputs(stack)
  return {
    TARGET: 'aws',
    STACK_NAME: stack.name,
    REGION: region,
    ACCOUNT: account,
    VERSION: versionTag(version),
    REVISION: version.fullSha,
    IMAGE_URI: image.reference,
    IMAGE_DIGEST: image.digest,
    MCP_ENDPOINT: outputs.endpoint,
    LOAD_BALANCER_URL: outputs.loadBalancerUrl,
    CLUSTER_NAME: outputs.cluster,
    SERVICE_NAME: outputs.service,
    TARGET_GROUP: outputs.targetGroup,
    LOG_GROUP: outputs.logGroup
  }
}
