import type { Colors } from '@fast-mcp/validation'
import { versionTag } from '@fast-mcp/versioning'
import type { DeploymentStatus, TrafficStatus } from '../target.ts'
import type { PhaseStatus, Status } from './gather.ts'

type Live = Exclude<DeploymentStatus, { readonly state: 'not-deployed' }>

/** The status as text for a person. Ends with a newline. */
export function formatStatus(status: Status, now: Date, colors: Colors): string {
  const { deployment, phases, head, ahead } = status
  return [
    ...(deployment.state === 'not-deployed'
      ? [
          `${colors.yellow('not deployed')}: ${deployment.note ?? 'nothing runs from this workspace. To change that: make full'}`
        ]
      : liveLines(deployment, status, now, colors)),
    `HEAD      ${head === undefined ? 'no commit' : versionTag(head)}${ahead === undefined || ahead === 0 ? '' : `, ${ahead} ${ahead === 1 ? 'commit' : 'commits'} ahead`}`,
    'phases',
    ...phases.map((phase) => `  ${phaseLine(phase, now, colors)}`),
    ''
  ].join('\n')
}

function liveLines(live: Live, status: Status, now: Date, colors: Colors): readonly string[] {
  const { state, endpoint, tasks, parts, history, problems, desiredCount } = live
  const [current, ...earlier] = history
  const mark = state === 'healthy' ? colors.green('healthy') : colors.red('not healthy')
  const version = current === undefined ? 'unknown' : versionTag(current.version)
  const against = status.current ? 'HEAD is live' : colors.yellow('HEAD is not live: make full')
  const proof = current === undefined ? '' : `, checks ${words[current.proof]}`
  return [
    `${mark}  ${version} at ${endpoint} (target ${live.target})`,
    ...problems.map((problem) => `  ${colors.red('!')} ${problem}`),
    `deployed  ${current === undefined ? 'unknown' : age(current.deployedAt, now)}${proof}; ${against}`,
    `tasks     ${tasks.filter(({ health }) => health === 'healthy').length} of ${desiredCount} healthy`,
    ...tasks.map(
      (task) =>
        `  ${task.name}  ${task.health}  ${task.address}  ${task.check || 'not asked yet'}  started ${age(task.startedAt, now)}, ${task.requests} requests, ${task.active} at work, ${task.serverErrors} errors`
    ),
    ...(live.traffic === undefined ? [] : [`traffic   ${trafficLine(live.traffic, colors)}`]),
    ...parts.map(({ name, what, state: running }) => `${name}: ${what}, ${running}`),
    ...(earlier.length === 0
      ? []
      : [
          `earlier   ${earlier.map((entry) => `${versionTag(entry.version)} (${age(entry.deployedAt, now)})`).join(', ')}`
        ])
  ]
}

function trafficLine(traffic: TrafficStatus, colors: Colors): string {
  const { requestsPerSecond, requests, serverErrors, latency } = traffic
  const errors = serverErrors === 0 ? 'no errors' : colors.red(`${serverErrors} errors`)
  const times =
    latency === undefined
      ? 'nothing answered yet'
      : `p50 ${latency.p50Ms} ms, p95 ${latency.p95Ms} ms of the last ${latency.count}`
  return `${requestsPerSecond} requests a second, ${requests} in all, ${errors}; ${times}`
}

const words = { none: 'not run yet', passed: 'passed', failed: 'failed' } as const

function phaseLine({ phase, state, version, finishedAt }: PhaseStatus, now: Date, colors: Colors): string {
  const name = phase.padEnd(8)
  if (version === undefined || finishedAt === undefined)
    return `${name}${state === 'unreadable' ? colors.red('its record cannot be read') : colors.dim('never run')}`
  const result = state === 'passed' ? colors.green('passed') : colors.red('failed')
  return `${name}${result}  ${versionTag(version)}  ${age(finishedAt, now)}`
}

/** How long ago: `3 s ago`, `5 min ago`, `2 h ago`, `4 days ago`. */
export function age(iso: string, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - new Date(iso).getTime()) / 1000))
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h ago`
  return `${Math.floor(seconds / 86_400)} days ago`
}
