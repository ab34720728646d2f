import { deploymentTarget } from '@fast-mcp/validation'
import { unsupported, type DeploymentTarget, type TargetContext } from './target.ts'
import { LocalTarget } from './targets/local/local-target.ts'

/** The deployment target that the environment names. Throws CodedError `target-unsupported`. */
export function selectTarget(context: TargetContext): DeploymentTarget {
  const name = deploymentTarget(context.environment)
  switch (name) {
    case 'local':
      return new LocalTarget(context)
    case 'aws':
      throw unsupported(name)
  }
}
