import { join } from 'node:path'
import { CodedError } from '@fast-mcp/errors'
import type { PhaseRecord } from '@fast-mcp/validation'
import { versionTag } from '@fast-mcp/versioning'
import { configPath, writeConfigFile } from '../config-file.ts'
import type { Deployment, DeploymentTarget } from '../target.ts'
import { prove, proveAgain, type ProveOptions } from './prove.ts'

/**
 * Runs every check of phase deploy as `prove` does. A version that fails them and never passed them is taken back: the
 * newest version that passed serves again, meets the same checks, and `.config` names it, while the record keeps what
 * failed. A version that passed once
 * stays, since what changed is not the version; so does the first one, which has none before it.
 *
 * Throws what `prove` throws; a `check-failed` says what serves now.
 */
export async function proveOrRollBack(options: ProveOptions): Promise<PhaseRecord> {
  const { target, version, signal } = options
  const onTrial = await isOnTrial(target, options)
  try {
    return await prove(options)
  } catch (error) {
    if (!onTrial || !(error instanceof CodedError) || error.code !== 'check-failed') throw error
    signal.throwIfAborted()
    const outcome = await takeBack(options)
    if (outcome === undefined) throw error
    throw new CodedError('check-failed', `${error.message}; ${versionTag(version)} ${outcome}`, {
      remedy: error.remedy,
      cause: error,
      ...(error.evidence === undefined ? {} : { evidence: error.evidence })
    })
  }
}

/** What came of going back, in words; undefined where there is no version to go back to. */
async function takeBack(options: ProveOptions): Promise<string | undefined> {
  const { workspace, target, signal } = options
  try {
    const back = await goBack(target)
    if (back === undefined) return undefined
    await writeConfigFile(join(workspace, configPath), back.outputs)
    const { version, image } = back
    const found = await proveAgain({ ...options, version, image })
    return `was taken back, ${versionTag(version)} serves again ${found}`
  } catch (error) {
    signal.throwIfAborted()
    return `could not be taken back: ${error instanceof Error ? error.message : String(error)}`
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
