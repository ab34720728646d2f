import { findEngine, localRegistry } from '@fast-mcp/containers'
import { CodedError } from '@fast-mcp/errors'
import type { PipelineEnvironment } from '@fast-mcp/validation'
import { formatImageReference, versionTag, type Version } from '@fast-mcp/versioning'

/** Where an image goes. */
export interface Destination {
  readonly registry: string
  readonly reference: string
  readonly insecure: boolean
}

/**
 * The image reference of a version: in ECR_REGISTRY where it is set, else in the workspace's own registry, which is
 * started. Throws CodedError `dirty-tree` for uncommitted changes on their way to ECR_REGISTRY.
 */
export async function destination(
  workspace: string,
  settings: PipelineEnvironment,
  version: Version,
  signal: AbortSignal
): Promise<Destination> {
  const place = (registry: string): Destination => ({
    registry,
    reference: formatImageReference({
      registry,
      repository: settings.ECR_REPOSITORY,
      tag: versionTag(version),
      digest: undefined
    }),
    insecure: isLoopback(registry)
  })
  const { ECR_REGISTRY: named } = settings
  if (named === undefined) {
    const { host } = await ownRegistry(workspace, settings, signal)
    return place(host)
  }
  requireCommitted(version, named)
  return place(named)
}

/** Throws CodedError `dirty-tree`: a tag in a shared registry must name one commit. */
export function requireCommitted(version: Version, registry: string): void {
  if (version.dirty)
    throw new CodedError(
      'dirty-tree',
      `${version.sha} has uncommitted changes, and ${registry} takes commits only`,
      {
        remedy: 'Commit or stash them (`git status` lists them), then run `make catalog` again.'
      }
    )
}

/** Registries on this machine are spoken to over plain HTTP, as docker does. */
export function isLoopback(registry: string): boolean {
  return /^(?:127(?:\.\d+){3}|localhost|\[::1\])(?::\d+)?$/.test(registry)
}

async function ownRegistry(
  workspace: string,
  settings: PipelineEnvironment,
  signal: AbortSignal
): Promise<{ readonly host: string }> {
  try {
    return await localRegistry(workspace).start()
  } catch (error) {
    // Without a registry program there may still be an engine to run one.
    if (!(error instanceof CodedError) || error.code !== 'missing-tool') throw error
    return localRegistry(workspace, await findEngine(workspace, settings, { signal })).start()
  }
}
