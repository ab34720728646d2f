import { deploymentTarget } from '@fast-mcp/validation'
import type { DeploymentTarget, TargetContext } from './target.ts'

/**
 * The deployment target that the environment names. Only that one's modules are loaded: either is slow to load.
 * Throws CodedError `invalid-environment` where the settings do not say where on AWS.
 */
export async function selectTarget(context: TargetContext): Promise<DeploymentTarget> {
  switch (deploymentTarget(context.environment)) {
    case 'local': {
      const { LocalTarget } = await import('./targets/local/local-target.ts')
      return new LocalTarget(context)
    }
    case 'aws': {
      const { AwsTarget } = await import('./targets/aws/aws-target.ts')
      return new AwsTarget(context)
    }
  }
}
