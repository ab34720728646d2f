import { writeAtomically } from '@fast-mcp/validation'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gather } from './gather.ts'
import { page } from './page.ts'
import type { RunningStatus } from './running-status.ts'
import { verdictOf, type Verdict } from './verdict.ts'

/** Where the page lies, below the workspace. */
export const reportPath = 'dist/report/index.html'

/**
 * Writes the page of all phases and returns what its first line says. `status`: what runs, where it was just asked.
 * Throws CodedError where there is no version.
 */
export async function writeReport(
  workspace: string,
  signal: AbortSignal,
  status?: RunningStatus
): Promise<Verdict> {
  const [data, style] = await Promise.all([
    gather(workspace, signal, status),
    readFile(new URL('style.css', import.meta.url), 'utf8')
  ])
  await writeAtomically(join(workspace, reportPath), page(data, style))
  return verdictOf(data)
}
