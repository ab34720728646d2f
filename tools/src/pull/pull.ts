import type { Engine } from '@fast-mcp/containers'
import type { PipelineEnvironment } from '@fast-mcp/validation'
import { formatImageReference, parseImageReference } from '@fast-mcp/versioning'
import { login } from '../ecr/login.ts'
import { readPushRecord } from '../push/push-record.ts'

export interface PullOptions {
  readonly workspace: string
  readonly settings: PipelineEnvironment
  readonly engine: Engine
}

/** Pulls what was pushed by its digest. Throws CodedError `output-missing` where nothing was, and what the engine throws. */
export async function pull({
  workspace,
  settings,
  engine
}: PullOptions): Promise<{ readonly reference: string; readonly imageId: string }> {
  const { reference: tagged, digest, registry, insecure } = await readPushRecord(workspace)
  const { repository } = parseImageReference(tagged)
  const done = await login({ workspace, registry, repository: settings.ECR_REPOSITORY })
  // podman reads it from there; docker has its own place, which `docker login` fills.
  if (done !== undefined) process.env['REGISTRY_AUTH_FILE'] = done.authFile
  const reference = formatImageReference({ registry, repository, tag: undefined, digest })
  return { reference, imageId: await engine.pull(reference, { insecure }) }
}
