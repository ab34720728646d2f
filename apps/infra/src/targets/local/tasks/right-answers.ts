import { CodedError } from '@fast-mcp/errors'
import type { EndpointReport } from '@fast-mcp/validation'
import { testEndpoint } from '@fast-mcp/validation/endpoint-tester'
import type { LiveTask } from './task.ts'

/** Looks at a task that gets no requests yet. Throws CodedError `rollout-failed` where it would answer them wrongly. */
export type TaskCheck = (task: LiveTask, revision: string, signal: AbortSignal) => Promise<void>

/** A healthy server takes a second; one that hangs at its first call must not hold a rollout for long. */
const limitMs = 30_000

/** Runs the endpoint tester against one task, past the load balancer: what no client has seen has hurt none. */
export const requireRightAnswers: TaskCheck = async (task, revision, signal) => {
  const limit = AbortSignal.timeout(limitMs)
  const report = await testEndpoint(`http://127.0.0.1:${task.port}/mcp`, {
    expectRevision: revision,
    signal: AbortSignal.any([signal, limit])
  }).catch((error: unknown) => {
    if (signal.aborted || !limit.aborted) throw error
    throw refused(`${task.name} did not answer the endpoint tester within ${limitMs / 1000} s`)
  })
  if (report.passed) return
  const failed = report.steps.filter(({ passed }) => !passed)
  throw refused(
    `${task.name} answers wrongly: ${failed.length} of ${report.steps.length} steps of the endpoint tester failed`,
    evidenceOf(failed)
  )
}

/** The first ten: what is broken throughout fails at every step. */
function evidenceOf(failed: EndpointReport['steps']): string {
  return [
    ...failed.slice(0, 10).map(({ id, title, evidence }) => `${id} (${title}): ${evidence}`),
    ...(failed.length > 10 ? [`and ${failed.length - 10} more`] : [])
  ].join('\n')
}

function refused(message: string, evidence?: string): CodedError {
  return new CodedError('rollout-failed', message, {
    remedy: 'Mend what the endpoint tester names above and run `make full` again.',
    ...(evidence === undefined ? {} : { evidence })
  })
}
