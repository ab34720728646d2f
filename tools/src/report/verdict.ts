import { phases } from '@fast-mcp/validation'
import { versionTag } from '@fast-mcp/versioning'
import type { ReportData } from './report-data.ts'

/** Whether the commit is live, and if not, the first reason why. */
export interface Verdict {
  readonly live: boolean
  readonly headline: string
  readonly reason: string
  /** What to do, where there is something to do. */
  readonly remedy: string | undefined
}

/** Live is: all four phases passed for this very commit, and the endpoint answers and serves it now. */
export function verdictOf(data: ReportData): Verdict {
  const tag = versionTag(data.version)
  const not = (reason: string, remedy: string): Verdict => ({
    live: false,
    headline: `${tag} is not live`,
    reason,
    remedy
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
              `Phase ${phase} failed at “${row.title}”. ${row.evidence.split('\n')[0] ?? ''}`,
              row.remedy ?? `Run make ${phase}.`
            )
      }
    }
  }
  if (data.live === undefined)
    return not('All four phases passed, but nothing is deployed any more.', 'Run make deploy.')
  if (typeof data.live === 'string')
    return not(`All four phases passed, but the endpoint cannot be asked. ${data.live}`, 'Run make status.')
  const failed = data.live.report.steps.find((step) => !step.passed)
  if (failed !== undefined)
    return not(
      `All four phases passed, but the endpoint does not answer as it should now: ${failed.title}. ${failed.evidence.split('\n')[0] ?? ''}`,
      'Run make status.'
    )
  return {
    live: true,
    headline: `${tag} is live`,
    reason: 'All four phases passed, and the endpoint serves this commit now.',
    remedy: undefined
  }
}
