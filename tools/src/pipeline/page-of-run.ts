import { CodedError } from '@fast-mcp/errors'
import { reportPath, writeReport } from '../report/write-report.ts'

/**
 * Writes the report of all phases after a run and returns the line that says so. A run that failed before there was
 * anything to report says why there is no page; the run itself has said what failed.
 */
export async function writePageOfRun(workspace: string, signal: AbortSignal): Promise<string> {
  try {
    await writeReport(workspace, signal)
    return `  Report: ${reportPath}\n`
  } catch (error) {
    if (error instanceof CodedError) return `  Report: none, ${error.message}\n`
    throw error
  }
}
