import { CodedError } from '@fast-mcp/errors'
import { requireRecord, type DeploymentTarget, type Phase, type PhaseRecord } from '@fast-mcp/validation'
import { versionTag, type Version } from '@fast-mcp/versioning'

/** What the program of a phase is given. */
export interface PhaseProgramOptions {
  readonly workspace: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  readonly write: (text: string) => unknown
  /** Whether what is written may have colours. */
  readonly isTTY?: boolean | undefined
  /** Print the record as JSON and nothing else. */
  readonly json: boolean
  /** Check again though the record says that all is well. */
  readonly again: boolean
}

/**
 * The record of a phase if it stands: passed, for this commit and target, with its outputs as recorded. Undefined where
 * the phase has to run, whatever the reason, or is asked to run again.
 */
export async function standingRecord(
  { workspace, again }: Pick<PhaseProgramOptions, 'workspace' | 'again'>,
  phase: Phase,
  version: Version,
  target: DeploymentTarget
): Promise<PhaseRecord | undefined> {
  if (again) return undefined
  try {
    const record = await requireRecord(workspace, phase, version)
    return record.target === target ? record : undefined
  } catch (error) {
    if (error instanceof CodedError) return undefined
    throw error
  }
}

/** Says that a phase has nothing to do, and gives the record. */
export function sayStanding(
  { json, write }: Pick<PhaseProgramOptions, 'json' | 'write'>,
  record: PhaseRecord
): PhaseRecord {
  const { phase, version, finishedAt, checks } = record
  const passed = checks.filter(({ status }) => status === 'passed').length
  write(
    json
      ? `${JSON.stringify(record)}\n`
      : `phase ${phase} ${versionTag(version)}: nothing to do, ${String(passed)} checks passed for this very image at ${finishedAt}\n`
  )
  return record
}
