import { CodedError } from '@fast-mcp/errors'
import { readVersion, sameVersion, versionTag, type Version } from '@fast-mcp/versioning'
import { rm } from 'node:fs/promises'
import { phaseBefore, type Phase, type Probe } from '../check.ts'
import { contracts } from '../contract.ts'
import type { DeploymentTarget } from '../pipeline-environment.ts'
import type { Artifact, CheckRow, PhaseRecord } from '../record/phase-record.ts'
import { recordPath, requireRecord } from '../record/read-record.ts'
import { writeAtomically } from '../record/write-atomically.ts'
import { colorsFor, formatDuration, formatRow, type Terminal } from './console.ts'
import { liveLine, type Work } from './live-line.ts'
import { runChecks } from './run-checks.ts'

export interface RunPhaseOptions {
  /** Root folder of the workspace. */
  readonly workspace: string
  readonly phase: Phase
  readonly target: DeploymentTarget
  readonly version: Version
  readonly inputs: readonly Artifact[]
  /** What the phase made; a function is called once all checks passed. */
  readonly outputs: readonly Artifact[] | (() => Promise<readonly Artifact[]>)
  /**
   * One probe a check, by id. `<phase>.input` (the record of the phase before) and `app.version` (HEAD) have probes of
   * their own; a probe given for them takes their place.
   */
  readonly probes: Readonly<Record<string, Probe>>
  /** Print the record as one JSON object at the end, and nothing else. */
  readonly json: boolean
  readonly signal: AbortSignal
  /** Read when the checks have ended, so probes may fill it. `RecordDetails` names the keys that the report draws. */
  readonly details?: Readonly<Record<string, unknown>>
  /** @default process.stdout */
  readonly terminal?: Terminal
}

/**
 * Runs the checks of a phase, prints one line a check as it ends, and writes `dist/phases/<phase>.json`, passed or
 * not. The record of an earlier run is deleted first, so that an interrupted phase never looks like a passed one.
 *
 * Throws CodedError `check-failed` where one failed, and the reason of the signal where it was aborted.
 */
export async function runPhase(options: RunPhaseOptions): Promise<PhaseRecord> {
  const { workspace, phase, target, version, inputs, json, signal, details } = options
  const terminal = options.terminal ?? process.stdout
  const colors = colorsFor(terminal)
  const path = recordPath(workspace, phase)
  await rm(path, { force: true })
  const started = new Date()
  const clock = performance.now()
  if (!json) terminal.write(`${colors.bold(`phase ${phase}`)} ${versionTag(version)}, target ${target}\n`)
  const underway = new Map<string, number>()
  const line = liveLine(json ? silent : terminal, () => oldest(underway))
  const rows = await runChecks({
    checks: contracts[phase],
    target,
    probes: { ...ownProbes(options), ...options.probes },
    signal,
    onStart: ({ id }) => underway.set(id, performance.now()),
    onRow: (row) => {
      underway.delete(row.id)
      if (!json) line.write(formatRow(row, colors))
    }
  }).finally(line.end)
  const bad = rows.filter((row) => row.status === 'failed' || row.status === 'not-run')
  const outputs =
    typeof options.outputs !== 'function' ? options.outputs : bad.length === 0 ? await options.outputs() : []
  const record: PhaseRecord = {
    format: 1,
    phase,
    target,
    version,
    startedAt: started.toISOString(),
    finishedAt: new Date().toISOString(),
    durationMs: Math.round(performance.now() - clock),
    passed: bad.length === 0,
    inputs,
    outputs,
    checks: rows,
    ...(details === undefined ? {} : { details })
  }
  await writeAtomically(path, `${JSON.stringify(record, undefined, 2)}\n`)
  terminal.write(json ? `${JSON.stringify(record)}\n` : `  ${summary(rows, record.durationMs)}\n`)
  signal.throwIfAborted()
  if (bad.length > 0) throw failure(phase, version, rows)
  return record
}

const silent: Terminal = { write: () => true }

/** The check that has been made for longest, and how many others are. */
function oldest(underway: ReadonlyMap<string, number>): Work | undefined {
  const [first, ...others] = underway
  if (first === undefined) return undefined
  const [id, since] = first
  return { what: others.length === 0 ? id : `${id} and ${String(others.length)} more`, since }
}

function ownProbes({
  workspace,
  phase,
  target,
  version
}: Pick<RunPhaseOptions, 'workspace' | 'phase' | 'target' | 'version'>): Record<string, Probe> {
  const before = phaseBefore(phase)
  if (before === undefined)
    return {
      'app.version': async () => {
        const now = await readVersion(workspace)
        return sameVersion(now, version)
          ? {
              status: 'passed',
              evidence: `${now.sha} (${now.fullSha})${now.dirty ? ' with uncommitted changes' : ''}`
            }
          : { status: 'failed', evidence: `started from ${versionTag(version)}, now ${versionTag(now)}` }
      }
    }
  return {
    [`${phase}.input`]: async () => {
      const record = await requireRecord(workspace, before, version)
      // Checks that do not apply to one target were not made for the other.
      if (record.target !== target)
        return {
          status: 'failed',
          evidence: `phase ${before} ran for target ${record.target}, not ${target}`
        }
      return {
        status: 'passed',
        evidence: `phase ${before} of ${versionTag(version)} passed at ${record.finishedAt}; ${String(record.outputs.length)} output(s) as recorded`
      }
    }
  }
}

function summary(rows: readonly CheckRow[], ms: number): string {
  const count = (status: CheckRow['status']): number => rows.filter((row) => row.status === status).length
  const parts = [
    `${String(count('passed'))} passed`,
    `${String(count('failed'))} failed`,
    ...(count('not-run') > 0 ? [`${String(count('not-run'))} not run`] : []),
    ...(count('not-applicable') > 0 ? [`${String(count('not-applicable'))} not applicable`] : [])
  ]
  return `${parts.join(', ')} in ${formatDuration(ms)}`
}

function failure(phase: Phase, version: Version, rows: readonly CheckRow[]): CodedError {
  const failed = rows.filter((row) => row.status === 'failed')
  return new CodedError(
    'check-failed',
    `phase ${phase} of ${versionTag(version)}: ${String(failed.length)} of ${String(rows.length)} checks failed: ${failed.map((row) => row.id).join(', ')}`,
    {
      remedy: failed[0]?.remedy ?? 'Run the phase again.',
      evidence: failed.map((row) => `${row.id}: ${row.evidence.split('\n')[0] ?? ''}`).join('\n')
    }
  )
}
