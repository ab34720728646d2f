import { CodedError } from '@fast-mcp/errors'
import { readRecord, recordPath, writeAtomically } from '@fast-mcp/validation'
import type { DeploymentTarget } from '../target.ts'

/**
 * Puts the last log lines of the tasks under the first check of phase deploy that failed, before the tasks are taken
 * away: the report shows them there. Gives the error with the same lines as evidence, or as it was where there are none.
 */
export async function withTaskLogs(
  workspace: string,
  target: DeploymentTarget,
  error: CodedError
): Promise<CodedError> {
  const lines = await lastLogLines(target)
  const record = await readRecord(workspace, 'deploy')
  if (lines === '' || record === undefined) return error
  const first = record.checks.findIndex(({ status }) => status === 'failed')
  const checks = record.checks.map((row, index) =>
    index === first ? { ...row, evidence: `${row.evidence}\n\n${lines}` } : row
  )
  await writeAtomically(
    recordPath(workspace, 'deploy'),
    `${JSON.stringify({ ...record, checks }, undefined, 2)}\n`
  )
  return withEvidence(error, lines)
}

/** The same error with more lines of evidence. */
export function withEvidence(error: CodedError, lines: string): CodedError {
  return new CodedError(error.code, error.message, {
    remedy: error.remedy,
    evidence: error.evidence === undefined ? lines : `${error.evidence}\n${lines}`,
    cause: error
  })
}

/** Empty where there are none; an engine that gives none does not hide what failed. */
async function lastLogLines(target: DeploymentTarget): Promise<string> {
  try {
    const logs = (await target.lastLogLines?.()) ?? []
    return logs.length === 0 ? '' : ['the last log lines of the tasks:', ...logs].join('\n')
  } catch (error) {
    if (error instanceof CodedError) return `the tasks give no logs: ${error.message}`
    throw error
  }
}
