import type { PipelineEnvironment } from '@fast-mcp/validation'
import { formatImageReference, parseImageReference } from '@fast-mcp/versioning'
import { login } from '../ecr/login.ts'
import { registryEngine } from '../ecr/registry-engine.ts'
import { readPushRecord } from '../push/push-record.ts'

export interface PullOptions {
  readonly workspace: string
  readonly settings: PipelineEnvironment
  readonly signal: AbortSignal
}

/** Pulls what was pushed by its digest. Throws CodedError `output-missing` where nothing was, and what the engine throws. */
export async function pull({
  workspace,
  settings,
  signal
}: PullOptions): Promise<{ readonly reference: string; readonly imageId: string }> {
  const { reference: tagged, digest, registry, insecure } = await readPushRecord(workspace)
  const { repository } = parseImageReference(tagged)
  const session = await login({ workspace, registry, repository: settings.ECR_REPOSITORY })
  const engine = await registryEngine({ workspace, settings, registry, session, signal })
  const reference = formatImageReference({ registry, repository, tag: undefined, digest })
  return { reference, imageId: await engine.pull(reference, { insecure }) }
}
