import { setTimeout as sleep } from 'node:timers/promises'
import { CodedError } from '@fast-mcp/errors'
import { formatDuration, withLock } from '@fast-mcp/validation'
import type { DeploymentTarget } from '../target.ts'

export interface SuperviseOptions {
  readonly workspace: string
  readonly target: DeploymentTarget
  /** Between two looks, in milliseconds. */
  readonly everyMs: number
  readonly signal: AbortSignal
  /** Told what was wrong and what came of it, one line each. */
  readonly report: (line: string) => void
}

/** A deployment that does not become healthy is tried again after this long at most, in milliseconds. */
const longestMs = 60_000

/**
 * Looks at the deployment again and again until the signal is aborted, and restores what ran where it is not healthy,
 * as ECS does for its services: tasks that died, a load balancer or registry that is gone. Twice as long between
 * attempts that do not help. Leaves the workspace alone while a pipeline works in it.
 *
 * Throws CodedError `target-unsupported` for a target that supervises by itself, `not-deployed` where nothing is
 * deployed at its start.
 */
export async function supervise(options: SuperviseOptions): Promise<void> {
  const { target, everyMs, signal, report } = options
  const { restore } = target
  if (restore === undefined)
    throw new CodedError('target-unsupported', 'ECS supervises its tasks by itself', {
      remedy: 'Run `make status` to see them.'
    })
  if ((await target.status()).state === 'not-deployed')
    throw new CodedError('not-deployed', 'nothing is deployed that could be supervised', {
      remedy: 'Run `make deploy`.'
    })
  let waitMs = everyMs
  while (!signal.aborted) {
    const helped = await look(options, restore)
    waitMs = helped ? everyMs : Math.min(longestMs, waitMs * 2)
    if (!helped) report(`next attempt in ${formatDuration(waitMs)}`)
    await sleep(waitMs, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }
}

/** False where the deployment is not healthy and restoring it did not help. */
async function look(
  { workspace, target, signal, report }: SuperviseOptions,
  restore: () => Promise<unknown>
): Promise<boolean> {
  const status = await target.status().catch((error: unknown) => {
    if (!(error instanceof CodedError)) throw error
    report(`not seen: ${error.message} [${error.code}]; ${error.remedy}`)
    return undefined
  })
  if (status === undefined) return false
  if (status.state !== 'unhealthy') return true
  report(`not healthy: ${status.problems.join('; ')}`)
  try {
    const started = performance.now()
    await withLock(workspace, 'infra:supervise', restore)
    report(`restored in ${formatDuration(performance.now() - started)}`)
    return true
  } catch (error) {
    if (signal.aborted) return true
    if (!(error instanceof CodedError)) throw error
    if (error.code === 'locked') {
      report('a pipeline is at work here; it is left to it')
      return true
    }
    report(`not restored: ${error.message} [${error.code}]`)
    return false
  }
}
