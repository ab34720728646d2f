import { phases } from '@fast-mcp/validation'
import { versionTag } from '@fast-mcp/versioning'
import { formatTime } from './figures.ts'
import type { ReportData } from './report-data.ts'

/** Whether the commit is live, and if not, the first reason why. */
export interface Verdict {
  readonly live: boolean
  readonly headline: string
  readonly reason: string
  /** What to do, where there is something to do. */
  readonly remedy: string | undefined
  /** What serves in its place; undefined where it is live or nothing serves. */
  readonly instead: string | undefined
  /** What is wrong though the commit is live; empty where nothing is. */
  readonly warnings: readonly string[]
}

/** Live is: all four phases passed for this very commit, and the endpoint answers and serves it now. */
export function verdictOf(data: ReportData): Verdict {
  const tag = versionTag(data.version)
  const not = (reason: string, remedy: string): Verdict => ({
    live: false,
    headline: `${tag} is not live`,
    reason,
    remedy,
    instead: servesInstead(data),
    warnings: []
  })
  for (const phase of phases) {
    const state = data.phases[phase]
    switch (state.state) {
      case 'passed':
        continue
      case 'missing':
        return not(`Phase ${phase} has not run.`, 'Run make full.')
      case 'unreadable':
        return not(`The record of phase ${phase} cannot be read. ${state.problem}`, `Run make ${phase}.`)
      case 'other-commit':
        return not(`Phase ${phase} last ran for ${versionTag(state.record.version)}.`, 'Run make full.')
      case 'failed': {
        const row = state.record.checks.find((check) => check.status === 'failed')
        return row === undefined
          ? not(`Phase ${phase} was interrupted.`, `Run make ${phase}.`)
          : not(
              `Phase ${phase} failed at “${row.title}”: ${row.evidence.split('\n')[0] ?? ''}`,
              row.remedy ?? `Run make ${phase}.`
            )
      }
    }
  }
  if (data.live === undefined)
    return not('All four phases passed, but nothing is deployed any more.', 'Run make deploy.')
  if (typeof data.live === 'string')
    return not(`All four phases passed, but the endpoint cannot be asked. ${data.live}`, 'Run make status.')
  const failed = data.live.steps.find((step) => !step.passed)
  if (failed !== undefined)
    return not(
      `All four phases passed, but the endpoint does not answer as it should now: ${failed.title}. ${failed.evidence.split('\n')[0] ?? ''}`,
      'Run make status.'
    )
  return {
    live: true,
    headline: `${tag} is live`,
    reason: 'All four phases passed, and the endpoint serves this commit now.',
    remedy: undefined,
    instead: undefined,
    warnings:
      data.status === undefined || data.status.deployment.state === 'not-deployed'
        ? []
        : data.status.deployment.problems
  }
}

function servesInstead({ status }: ReportData): string | undefined {
  if (status === undefined || status.current || status.deployment.state === 'not-deployed') return undefined
  const [live] = status.deployment.history
  if (live === undefined) return undefined
  const tag = `${live.version.sha}${live.version.dirty ? '-dirty' : ''}`
  return `${tag} serves in its place, ${status.deployment.state}, deployed ${formatTime(new Date(live.deployedAt))}.`
}
