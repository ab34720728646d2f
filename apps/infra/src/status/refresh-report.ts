import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { DeploymentTarget } from '../target.ts'
import { gatherStatus, type Status } from './gather.ts'

/** The program that writes dist/report/index.html. It takes the status on stdin. */
const reportProgram = 'tools/src/report/main.ts'

/** What that program said where it failed; empty where it did not. */
export const reportLog = '.local/report.log'

/**
 * Has the report written again with a status, by a process that goes on by itself: nobody waits for a page. Does
 * nothing in a workspace without that program. Never throws: a page that cannot be written is told on stderr, and what
 * was asked for has its own result.
 */
export function refreshReport(workspace: string, status: Status): void {
  if (!existsSync(join(workspace, reportProgram))) return
  try {
    startReport(workspace, status)
  } catch (error) {
    tell(error)
  }
}

/** As `refreshReport`, after something was done to what is deployed. */
export async function refreshReportOf(workspace: string, target: DeploymentTarget): Promise<void> {
  await gatherStatus(workspace, target).then((status) => {
    refreshReport(workspace, status)
  }, tell)
}

function startReport(workspace: string, status: Status): void {
  mkdirSync(join(workspace, '.local'), { recursive: true })
  const log = openSync(join(workspace, reportLog), 'w')
  try {
    const child = spawn(process.execPath, [reportProgram, '--status-from-stdin'], {
      cwd: workspace,
      stdio: ['pipe', 'ignore', log],
      detached: true
    })
    child.on('error', tell)
    // A program that ends before it has read its input says why in its log.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(JSON.stringify(status))
    child.unref()
  } finally {
    closeSync(log)
  }
}

function tell(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error)
  console.error(`the report was not written again: ${reason}`)
}
