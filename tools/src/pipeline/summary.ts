import { readDetails, type Phase, type PhaseRecord } from '@fast-mcp/validation'
import { isDeepStrictEqual } from 'node:util'

export interface PhaseOutcome {
  readonly phase: Phase
  /** The phase's record; undefined where it has none or none that can be read. */
  readonly record: PhaseRecord | undefined
  /** The record as it was when the run began. */
  readonly before: PhaseRecord | undefined
}

/**
 * Whether a run left everything as it was: no phase was gone through, but for the checks of what is live, which are
 * always made again and found the same tasks at the same endpoint, for which nothing had to be done since the run began.
 */
export function nothingChanged(outcomes: readonly PhaseOutcome[], startedAt: Date): boolean {
  return outcomes.every(
    ({ phase, record, before }) =>
      record?.passed === true &&
      before?.passed === true &&
      (phase === 'deploy'
        ? isDeepStrictEqual(liveParts(record), liveParts(before)) && !wasMended(record, startedAt)
        : record.startedAt === before.startedAt)
  )
}

/** A load balancer or registry that was started again is the same part in the same place. */
function wasMended(record: PhaseRecord, startedAt: Date): boolean {
  const { changedAt } = readDetails(record)
  return changedAt !== undefined && new Date(changedAt) >= startedAt
}

function liveParts(record: PhaseRecord): unknown {
  const running = readDetails(record).running ?? []
  return [record.version, record.outputs, running.map(({ name, where }) => ({ name, where }))]
}

/**
 * The closing lines of a run: a row a phase (result, checks, time, and whether it was done in this run or stands from
 * an earlier one), then the endpoint. `startedAt` is when this run began. Where the run failed it names no endpoint: what
 * is live is what an earlier run left. Plain text; ends with a newline.
 */
export function summary(
  outcomes: readonly PhaseOutcome[],
  startedAt: Date,
  now: Date,
  succeeded: boolean
): string {
  const rows = outcomes.map(({ phase, record }) => `  ${phase.padEnd(9)}${describe(record, startedAt)}\n`)
  const seconds = ((now.getTime() - startedAt.getTime()) / 1000).toFixed(1)
  const endpoint = outcomes.find(({ phase }) => phase === 'deploy')?.record
  return [
    '\n',
    ...rows,
    `  ${seconds} s in all${succeeded ? (nothingChanged(outcomes, startedAt) ? `; ${unchangedWords(endpoint)}` : '') : '; FAILED, see above'}\n`,
    ...(succeeded && endpoint?.passed === true ? endpointLines(endpoint) : [])
  ].join('')
}

function unchangedWords(endpoint: PhaseRecord | undefined): string {
  return endpoint === undefined
    ? 'nothing changed, nothing was done again'
    : 'nothing changed, nothing was done again but the checks of what is live'
}

function describe(record: PhaseRecord | undefined, startedAt: Date): string {
  if (record === undefined) return 'not reached'
  const passed = record.checks.filter((check) => check.status === 'passed').length
  const failed = record.checks.filter((check) => check.status === 'failed').length
  const other = record.checks.length - passed - failed
  const counts = [
    `${passed} passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(other > 0 ? [`${other} not applicable`] : [])
  ].join(', ')
  const when = isFresh(record, startedAt)
    ? `${(record.durationMs / 1000).toFixed(1)} s`
    : `unchanged since ${record.finishedAt}`
  return `${record.passed ? 'passed' : 'FAILED'}  ${record.version.sha}  ${counts}  (${when})`
}

function isFresh(record: PhaseRecord, startedAt: Date): boolean {
  return new Date(record.startedAt) >= startedAt
}

function endpointLines(record: PhaseRecord): readonly string[] {
  return record.outputs
    .filter((output) => output.kind === 'endpoint')
    .map(
      (output) =>
        `\n  Live: ${output.location}\n  Connect a client: README.md, "Connect a client". Status: make status\n`
    )
}
