import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CodedError } from '@fast-mcp/errors'
import type { Status } from './gather.ts'

/** The program that writes dist/report/index.html. It takes the status on stdin. */
const reportProgram = 'tools/src/report/main.ts'

/**
 * Starts to write the report again; the status is given when it is known, while the program loads. Does nothing in a
 * workspace without that program. `write` throws CodedError `step-failed` with what the program said.
 */
export function refreshReport(workspace: string): { readonly write: (status: Status) => Promise<void> } {
  if (!existsSync(join(workspace, reportProgram))) return { write: () => Promise.resolve() }
  const child = spawn(process.execPath, [reportProgram, '--status-from-stdin'], {
    cwd: workspace,
    stdio: ['pipe', 'ignore', 'pipe']
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  // A program that ends before it has read its input says why on stderr.
  child.stdin.on('error', (error) => (said += error.message))
  const ended = once(child, 'close')
  return {
    write: async (status) => {
      child.stdin.end(JSON.stringify(status))
      await ended
      if (child.exitCode === 0) return
      throw new CodedError('step-failed', `${reportProgram} ended with ${child.exitCode}`, {
        evidence: said,
        remedy: 'Run `make report` and mend what it names.'
      })
    }
  }
}
