import { CodedError } from '@fast-mcp/errors'
import type { Check, Probe } from '../check.ts'
import type { CheckRow } from '../record/phase-record.ts'

/**
 * Runs one probe and says how its check ended. The row comes as soon as the time limit is over or the signal is
 * aborted, even where the probe heeds neither. Never rejects.
 */
export async function runCheck(
  check: Check,
  probe: Probe | undefined,
  signal: AbortSignal
): Promise<CheckRow> {
  const started = performance.now()
  const row = (status: CheckRow['status'], evidence: string, remedy?: string): CheckRow => ({
    id: check.id,
    title: check.title,
    status,
    evidence,
    ...(remedy === undefined ? {} : { remedy }),
    durationMs: Math.round(performance.now() - started)
  })
  if (probe === undefined)
    return row('failed', 'no probe: the program of this phase does not look at it', check.remedy)
  if (signal.aborted) return row('not-run', 'the phase was interrupted')

  const limit = new AbortController()
  const both = AbortSignal.any([signal, limit.signal])
  const ended = Promise.withResolvers<CheckRow>()
  const seconds = check.timeLimitMs / 1000
  const timer = setTimeout(() => {
    ended.resolve(row('failed', `no result within ${String(seconds)} s`, check.remedy))
    limit.abort(
      new CodedError('aborted', `${check.id} took longer than ${String(seconds)} s`, { remedy: check.remedy })
    )
  }, check.timeLimitMs)
  const interrupt = (): void => {
    ended.resolve(row('not-run', 'the phase was interrupted'))
  }
  signal.addEventListener('abort', interrupt, { once: true })
  const run = async (): Promise<CheckRow> => {
    try {
      const finding = await probe({ signal: both })
      if (finding.status === 'not-applicable') return row('not-applicable', finding.reason)
      return row(finding.status, finding.evidence, finding.status === 'failed' ? check.remedy : undefined)
    } catch (error) {
      return row('failed', evidenceOf(error), error instanceof CodedError ? error.remedy : check.remedy)
    }
  }
  void run().then(ended.resolve)
  try {
    return await ended.promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', interrupt)
  }
}

function evidenceOf(error: unknown): string {
  if (error instanceof CodedError)
    return [`${error.message} [${error.code}]`, error.evidence]
      .filter((part) => part !== undefined)
      .join('\n')
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
