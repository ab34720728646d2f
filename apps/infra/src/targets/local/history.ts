import { isDeepStrictEqual } from 'node:util'
import { CodedError } from '@fast-mcp/errors'
import { versionTag } from '@fast-mcp/versioning'
import type { DeployedVersion, DeploymentState } from './state.ts'
import type { TaskSpec } from './tasks/task.ts'

/** The entry of the history for what now runs: that of the live version where its tasks were only replaced. */
export function versionOf(spec: TaskSpec, live: DeployedVersion | undefined): DeployedVersion {
  const { version, image, description } = spec
  if (live !== undefined && isOf(live, spec)) return live
  return { version, image, description, deployedAt: new Date().toISOString(), proof: 'none' }
}

/** Whether an entry of the history is what the spec says: the same commit, image and description. */
export function isOf({ version, image, description }: DeployedVersion, spec: TaskSpec): boolean {
  return (
    image.digest === spec.image.digest &&
    version.fullSha === spec.version.fullSha &&
    isDeepStrictEqual(description, spec.description)
  )
}

/**
 * The version to go back to: the newest that passed its checks, or the one whose SHA is given, whatever they said. Of
 * one commit with two configurations a SHA means the one that is not live. Throws CodedError `no-previous-version`
 * that lists those there are.
 */
export function earlierVersion(
  { history: [current, ...earlier] }: Pick<DeploymentState, 'history'>,
  sha: string | undefined
): DeployedVersion {
  const found =
    sha === undefined
      ? earlier.find(({ proof }) => proof === 'passed')
      : [...earlier, current].find(({ version }) => isNamed(version, sha))
  if (found !== undefined) return found
  const known = earlier.map(({ version, proof }) => `${versionTag(version)} (checks: ${proof})`).join(', ')
  throw new CodedError(
    'no-previous-version',
    sha === undefined
      ? `there is no version before ${versionTag(current.version)} that passed its checks`
      : `${JSON.stringify(sha)} is not the SHA of a version in the history`,
    { remedy: known === '' ? 'Deploy another commit first.' : `Name one of: ${known}.` }
  )
}

function isNamed(version: DeployedVersion['version'], sha: string): boolean {
  return sha.length >= 4 && (version.fullSha.startsWith(sha) || versionTag(version) === sha)
}
