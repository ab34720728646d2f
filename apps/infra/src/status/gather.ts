import { CodedError } from '@fast-mcp/errors'
import { phases, readRecord, type Phase } from '@fast-mcp/validation'
import { readVersion, type Version } from '@fast-mcp/versioning'
import type { DeploymentStatus, DeploymentTarget } from '../target.ts'

export interface PhaseStatus {
  readonly phase: Phase
  readonly state: 'passed' | 'failed' | 'none' | 'unreadable'
  readonly version: Version | undefined
  /** ISO 8601 in UTC. */
  readonly finishedAt: string | undefined
}

export interface Status {
  /** The commit that is checked out; undefined where there is none. */
  readonly head: Version | undefined
  /** HEAD is what is live: the same full SHA, no uncommitted changes on either side. */
  readonly current: boolean
  readonly phases: readonly PhaseStatus[]
  readonly deployment: DeploymentStatus
}

/** Exit code of the program, by what is deployed: 0 healthy, 1 not healthy, 3 nothing. */
export const exitCodes = { healthy: 0, unhealthy: 1, 'not-deployed': 3 } as const

/** What is deployed, whether it is healthy, and how the phases and HEAD stand to it. Throws CodedError `state-invalid`. */
export async function gatherStatus(workspace: string, target: DeploymentTarget): Promise<Status> {
  const [head, deployment, records] = await Promise.all([
    headOf(workspace),
    target.status(),
    Promise.all(phases.map((phase) => phaseStatus(workspace, phase)))
  ])
  const live = deployment.state === 'not-deployed' ? undefined : deployment.history[0]?.version
  const current =
    head !== undefined && live !== undefined && live.fullSha === head.fullSha && live.dirty === head.dirty
  return { head, current, phases: records, deployment }
}

/** HEAD, or undefined outside a repository: what is deployed can be shown without. */
async function headOf(workspace: string): Promise<Version | undefined> {
  try {
    return await readVersion(workspace)
  } catch (error) {
    if (error instanceof CodedError) return undefined
    throw error
  }
}

async function phaseStatus(workspace: string, phase: Phase): Promise<PhaseStatus> {
  try {
    const record = await readRecord(workspace, phase)
    return {
      phase,
      state: record === undefined ? 'none' : record.passed ? 'passed' : 'failed',
      version: record?.version,
      finishedAt: record?.finishedAt
    }
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return { phase, state: 'unreadable', version: undefined, finishedAt: undefined }
  }
}
