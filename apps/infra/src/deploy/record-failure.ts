import type { CodedError } from '@fast-mcp/errors'
import {
  contracts,
  recordPath,
  writeAtomically,
  type Check,
  type CheckRow,
  type DeploymentTarget,
  type PhaseRecord
} from '@fast-mcp/validation'
import type { Version } from '@fast-mcp/versioning'
import type { PushedImage } from '../target.ts'

export interface FailedDeployment {
  readonly workspace: string
  readonly target: DeploymentTarget
  readonly version: Version
  readonly image: Pick<PushedImage, 'reference' | 'digest'>
  readonly startedAt: Date
  /** Why it did not become live; its evidence holds the last log lines of the tasks. */
  readonly error: CodedError
}

/**
 * Writes the record of phase deploy for a version that did not become live: the check of the service has failed with
 * the error as its evidence, the others were not run. The report shows it like any other failed check.
 */
export async function recordFailure(failed: FailedDeployment): Promise<void> {
  const { workspace, target, version, image, startedAt, error } = failed
  const finishedAt = new Date()
  const record: PhaseRecord = {
    format: 1,
    phase: 'deploy',
    target,
    version,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    durationMs: Math.max(0, finishedAt.getTime() - startedAt.getTime()),
    passed: false,
    inputs: [{ name: 'image', kind: 'image', location: image.reference, digest: image.digest }],
    outputs: [],
    checks: contracts.deploy.map((check) => row(check, target, error))
  }
  await writeAtomically(recordPath(workspace, 'deploy'), `${JSON.stringify(record, undefined, 2)}\n`)
}

const service = 'deploy.service-running'

function row({ id, title, targets }: Check, target: DeploymentTarget, error: CodedError): CheckRow {
  const common = { id, title, durationMs: 0 }
  if (targets !== undefined && !targets.includes(target))
    return { ...common, status: 'not-applicable', evidence: `not applicable on target ${target}` }
  if (id !== service) return { ...common, status: 'not-run', evidence: 'the version did not become live' }
  const evidence = error.evidence === undefined ? error.message : `${error.message}\n${error.evidence}`
  return { ...common, status: 'failed', evidence, remedy: error.remedy }
}
