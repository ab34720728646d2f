import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts'
import { CodedError } from '@fast-mcp/errors'
import { awsPlace, type PipelineEnvironment } from '@fast-mcp/validation'
import { parseEcrHost } from '@fast-mcp/versioning'

export interface AwsPlace {
  readonly account: string
  readonly region: string
}

/**
 * Account and region of the deployment, from the settings alone. Throws CodedError `invalid-environment` that names
 * everything that is missing or contradicts the registry.
 */
export function requirePlace(environment: PipelineEnvironment): AwsPlace {
  const { ECR_REGISTRY } = environment
  const ecr = ECR_REGISTRY === undefined ? undefined : parseEcrHost(ECR_REGISTRY)
  const { account, region } = awsPlace(environment)
  const wrong = [
    ...(ecr === undefined
      ? [`ECR_REGISTRY is ${ECR_REGISTRY ?? 'unset'}, which is not the host of an ECR registry`]
      : []),
    ...(ecr !== undefined && region !== ecr.region
      ? [`CDK_DEFAULT_REGION is ${region}, the registry is in ${ecr.region}: choose one region for both`]
      : []),
    ...(ecr !== undefined && account !== ecr.account
      ? [`CDK_DEFAULT_ACCOUNT is ${account}, the registry is of ${ecr.account}: choose one account for both`]
      : [])
  ]
  if (account === undefined || region === undefined || wrong.length > 0)
    throw new CodedError('invalid-environment', wrong.join('\n'), {
      remedy:
        'Correct ECR_REGISTRY (<account>.dkr.ecr.<region>.amazonaws.com), CDK_DEFAULT_ACCOUNT and CDK_DEFAULT_REGION.'
    })
  return { account, region }
}

/** Who the credentials belong to, as an ARN. Throws CodedError `aws-account` where that is another account. */
export async function requireCaller(client: STSClient, { account }: AwsPlace): Promise<string> {
  const caller = await client.send(new GetCallerIdentityCommand({}))
  if (caller.Account === account) return caller.Arn ?? account
  throw new CodedError(
    'aws-account',
    `the AWS credentials are of account ${caller.Account ?? 'unknown'}, the deployment goes to ${account}`,
    {
      evidence: caller.Arn ?? '',
      remedy: 'Set AWS_PROFILE to a profile of that account, or correct ECR_REGISTRY and CDK_DEFAULT_ACCOUNT.'
    }
  )
}
