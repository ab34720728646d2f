import type { PipelineEnvironment } from '@fast-mcp/validation'
import { requirePlace } from '../targets/aws/account.ts'
import { diffAssembly } from '../targets/aws/cloud-assembly.ts'
import { explained } from '../targets/aws/explain.ts'

/** What a deployment of the synthesized template would change on AWS, as text. */
export async function showDiff(workspace: string, environment: PipelineEnvironment): Promise<string> {
  const { region } = requirePlace(environment)
  return `${await explained(() => diffAssembly(workspace, region))}\n`
}
