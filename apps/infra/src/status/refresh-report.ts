import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { Status } from './gather.ts'

/** The program that writes dist/report/index.html. It takes the status on stdin. */
const reportProgram = 'tools/src/report/main.ts'

/** What that program said where it failed; empty where it did not. */
export const reportLog = '.local/report.log'

/**
 * Has the report written again with a status, by a process that goes on by itself: nobody waits for a page. Does
 * nothing in a workspace without that program.
 */
export function refreshReport(workspace: string, status: Status): void {
  if (!existsSync(join(workspace, reportProgram))) return
  mkdirSync(join(workspace, '.local'), { recursive: true })
  const log = openSync(join(workspace, reportLog), 'w')
  const child = spawn(process.execPath, [reportProgram, '--status-from-stdin'], {
    cwd: workspace,
    stdio: ['pipe', 'ignore', log],
    detached: true
  })
  closeSync(log)
  // A program that ends before it has read its input says why in its log.
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(JSON.stringify(status))
  child.unref()
}
