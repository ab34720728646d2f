import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts'
import { CodedError } from '@fast-mcp/errors'
import type { PipelineEnvironment } from '@fast-mcp/validation'
import { parseEcrHost } from '@fast-mcp/versioning'

export interface AwsPlace {
  readonly account: string
  readonly region: string
}

/**
 * Account and region of the deployment, from the settings alone, which are read without contradictions. Throws
 * CodedError `invalid-environment` where the registry is not one of ECR.
 */
export function requirePlace(environment: PipelineEnvironment): AwsPlace {
  const { ECR_REGISTRY } = environment
  const ecr = ECR_REGISTRY === undefined ? undefined : parseEcrHost(ECR_REGISTRY)
  if (ecr !== undefined) return { account: ecr.account, region: ecr.region }
  throw new CodedError(
    'invalid-environment',
    `ECR_REGISTRY is ${ECR_REGISTRY ?? 'unset'}, which is not the host of an ECR registry`,
    { remedy: 'Set it to <account>.dkr.ecr.<region>.amazonaws.com.' }
  )
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
