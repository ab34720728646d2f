import { join } from 'node:path'
import { CodedError } from '@fast-mcp/errors'
import type { PhaseRecord } from '@fast-mcp/validation'
import { versionTag } from '@fast-mcp/versioning'
import { configPath, writeConfigFile } from '../config-file.ts'
import type { Deployment, DeploymentTarget } from '../target.ts'
import { prove, type ProveOptions } from './prove.ts'

/**
 * Runs every check of phase deploy as `prove` does. A version that fails them and never passed them is taken back: the
 * version before serves again and `.config` names it, while the record keeps what failed. A version that passed once
 * stays, since what changed is not the version; so does the first one, which has none before it.
 *
 * Throws what `prove` throws; a `check-failed` says what serves now.
 */
export async function proveOrRollBack(options: ProveOptions): Promise<PhaseRecord> {
  const { workspace, target, version, signal } = options
  const onTrial = await isOnTrial(target, options)
  try {
    return await prove(options)
  } catch (error) {
    if (!onTrial || !(error instanceof CodedError) || error.code !== 'check-failed') throw error
    signal.throwIfAborted()
    const back = await goBack(target)
    if (back === undefined) throw error
    await writeConfigFile(join(workspace, configPath), back.outputs)
    throw new CodedError(
      'check-failed',
      `${error.message}; ${versionTag(version)} was taken back, ${versionTag(back.version)} serves again`,
      {
        remedy: error.remedy,
        cause: error,
        ...(error.evidence === undefined ? {} : { evidence: error.evidence })
      }
    )
  }
}

/** The version that is live is the one to prove, and it has not passed before. */
async function isOnTrial(
  target: DeploymentTarget,
  { version, image }: Pick<ProveOptions, 'version' | 'image'>
): Promise<boolean> {
  const status = await target.status()
  if (status.state === 'not-deployed') return false
  const [live] = status.history
  return live?.version.fullSha === version.fullSha && live.digest === image.digest && live.proof !== 'passed'
}

/** Undefined where there is no version to go back to. */
async function goBack(target: DeploymentTarget): Promise<Deployment | undefined> {
  try {
    return await target.rollback()
  } catch (error) {
    if (error instanceof CodedError && error.code === 'no-previous-version') return undefined
    throw error
  }
}
