import { STSClient } from '@aws-sdk/client-sts'
import type { PipelineEnvironment } from '@fast-mcp/validation'
import { requireCaller, requirePlace } from '../targets/aws/account.ts'
import { diffAssembly } from '../targets/aws/cloud-assembly.ts'
import { explained } from '../targets/aws/explain.ts'

/**
 * What a deployment of the synthesized template would change on AWS, as text. Throws CodedError `aws-account` for
 * credentials of another account, in which everything would be new.
 */
export async function showDiff(
  workspace: string,
  environment: PipelineEnvironment,
  sts?: STSClient
): Promise<string> {
  const place = requirePlace(environment)
  return explained(async () => {
    await requireCaller(sts ?? new STSClient({ region: place.region }), place)
    return `${await diffAssembly(workspace, place.region)}\n`
  })
}
