import { relative } from 'node:path'
import { versionTag } from '@fast-mcp/versioning'
import type { DeploymentPaths } from './deployment-paths.ts'
import type { TaskSpec } from './tasks/task.ts'

/** What `.config` says about a deployment to this machine. Paths are relative to the workspace. */
export function outputsOf(
  { version, image, description }: TaskSpec,
  endpoint: string,
  paths: DeploymentPaths,
  workspace: string
): Readonly<Record<string, string>> {
  return {
    TARGET: 'local',
    VERSION: versionTag(version),
    REVISION: version.fullSha,
    IMAGE_URI: image.reference,
    IMAGE_DIGEST: image.digest,
    MCP_ENDPOINT: endpoint,
    LOAD_BALANCER_URL: new URL('/', endpoint).href,
    CA_CERTIFICATE: relative(workspace, paths.authority),
    CLUSTER_NAME: description.names.cluster,
    SERVICE_NAME: description.names.service,
    TARGET_GROUP: description.names.targetGroup,
    LOG_GROUP: relative(workspace, paths.logs)
  }
}
