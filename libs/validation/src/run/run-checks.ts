import { CodedError } from '@fast-mcp/errors'
import type { Check, Probe } from '../check.ts'
import type { DeploymentTarget } from '../pipeline-environment.ts'
import type { CheckRow } from '../record/phase-record.ts'
import { runCheck } from './run-check.ts'

export interface RunChecksOptions {
  readonly checks: readonly Check[]
  readonly target: DeploymentTarget
  readonly probes: Readonly<Record<string, Probe>>
  readonly signal: AbortSignal
  /** Called with each check as it starts to be made. @default nobody is told */
  readonly onStart?: (check: Check) => void
  /** Called with each row as its check ends. */
  readonly onRow: (row: CheckRow) => void
}

/**
 * Runs checks, each as soon as those it comes after have ended, and returns their rows in the order of the checks.
 *
 * A check that does not apply to the target is `not-applicable`, one without a probe has failed, one that comes after
 * a failed check is `not-run`. Throws CodedError `internal` for a probe without a check and for checks that name an
 * unknown check or wait for each other.
 */
export async function runChecks(options: RunChecksOptions): Promise<readonly CheckRow[]> {
  const { checks, target, probes, signal, onRow } = options
  requireOrder(checks)
  requireKnown(checks, probes)
  const rows = new Map<string, Promise<CheckRow>>()
  const end = (row: CheckRow): CheckRow => {
    onRow(row)
    return row
  }
  const start = async (check: Check): Promise<CheckRow> => {
    if (check.targets !== undefined && !check.targets.includes(target))
      return end(still(check, 'not-applicable', `not applicable on target ${target}`))
    for (const id of check.after ?? []) {
      const before = await rows.get(id)
      if (before?.status === 'failed' || before?.status === 'not-run')
        return end(still(check, 'not-run', `comes after ${id}, which did not pass`))
    }
    options.onStart?.(check)
    return end(await runCheck(check, probes[check.id], signal))
  }
  for (const check of ordered(checks)) rows.set(check.id, start(check))
  return Promise.all(checks.map((check) => rows.get(check.id)).filter((row) => row !== undefined))
}

function still(check: Check, status: 'not-applicable' | 'not-run', evidence: string): CheckRow {
  return { id: check.id, title: check.title, status, evidence, durationMs: 0 }
}

function requireKnown(checks: readonly Check[], probes: Readonly<Record<string, Probe>>): void {
  const ids = new Set(checks.map((check) => check.id))
  const unknown = Object.keys(probes).filter((id) => !ids.has(id))
  if (unknown.length > 0)
    fault(`there is no check ${unknown.join(', ')}; the checks are ${[...ids].join(', ')}`)
}

function requireOrder(checks: readonly Check[]): void {
  if (ordered(checks).length < checks.length) {
    const left = checks.filter((check) => !ordered(checks).includes(check)).map((check) => check.id)
    fault(`${left.join(', ')} wait for each other or for a check that does not exist`)
  }
}

/** The checks so that each stands behind those it comes after; without those for which that cannot be. */
function ordered(checks: readonly Check[]): readonly Check[] {
  const placed = new Map<string, Check>()
  for (let before = -1; before < placed.size;) {
    before = placed.size
    for (const check of checks)
      if (!placed.has(check.id) && (check.after ?? []).every((id) => placed.has(id)))
        placed.set(check.id, check)
  }
  return [...placed.values()]
}

function fault(message: string): never {
  throw new CodedError('internal', message, { remedy: 'Correct the contract or the program of the phase.' })
}
