import { DescribeImagesCommand, type ECRClient } from '@aws-sdk/client-ecr'
import { CodedError } from '@fast-mcp/errors'
import type { HistoryEntry } from '../../target.ts'

export interface EarlierVersion {
  readonly history: readonly HistoryEntry[]
  /** Digest of what is live. */
  readonly live: string | undefined
  /** The beginning of the SHA to go back to; undefined: the newest that passed. */
  readonly sha: string | undefined
  readonly workspace: string
  readonly ecr: ECRClient
  readonly repository: string
}

type Found = Pick<HistoryEntry, 'version' | 'digest'>

/** The version to go back to. Throws CodedError `no-previous-version` that lists those there are. */
export async function earlierVersion(options: EarlierVersion): Promise<Found> {
  const { history, live, sha } = options
  if (sha === undefined) {
    const found = newestPassed(history, live)
    if (found !== undefined) return found
  } else if (/^[0-9a-f]{4,64}$/.test(sha)) {
    const found = history.find(({ version }) => version.fullSha.startsWith(sha))
    if (found !== undefined) return found
    const pushed = await findPushed(options, sha)
    if (pushed !== undefined) return pushed
  }
  const known = history
    .filter(({ digest }) => digest !== live)
    .map(({ version, proof }) => `${version.sha} (checks: ${proof})`)
    .join(', ')
  throw new CodedError(
    'no-previous-version',
    sha === undefined
      ? 'there is no earlier version that passed its checks'
      : `${JSON.stringify(sha)} is neither the SHA of a version in the history nor a tag in ECR`,
    { remedy: known === '' ? 'Deploy another commit first.' : `Name one of: ${known}.` }
  )
}

/** Where a rollback goes by itself. */
export function newestPassed(
  history: readonly HistoryEntry[],
  live: string | undefined
): HistoryEntry | undefined {
  return history.find(({ digest, proof }) => digest !== live && proof === 'passed')
}

/** A version that is in ECR under its SHA, whoever pushed it. Its full SHA is the one this repository knows. */
async function findPushed(
  { workspace, ecr, repository }: EarlierVersion,
  sha: string
): Promise<Found | undefined> {
  const { readCommit } = await import('./read-commit.ts')
  const version = await readCommit(workspace, sha)
  if (version === undefined) return undefined
  try {
    const { imageDetails = [] } = await ecr.send(
      new DescribeImagesCommand({ repositoryName: repository, imageIds: [{ imageTag: version.sha }] })
    )
    const digest = imageDetails[0]?.imageDigest
    return digest === undefined ? undefined : { version, digest }
  } catch (error) {
    if (error instanceof Error && error.name === 'ImageNotFoundException') return undefined
    throw error
  }
}
