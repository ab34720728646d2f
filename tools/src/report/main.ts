// Writes dist/report/index.html: one page about this commit, its phases, and whether it is live.
import { program } from '@fast-mcp/errors'
import { text } from 'node:stream/consumers'
import { parseStatus } from './running-status.ts'
import { reportPath, writeReport } from './write-report.ts'

await program(async ({ args, signal }) => {
  const workspace = process.cwd()
  // infra:status has just asked what runs, and passes it on.
  const status = args.includes('--status-from-stdin') ? parseStatus(await text(process.stdin)) : undefined
  const { headline, reason } = await writeReport(workspace, signal, status)
  process.stdout.write(`${headline}. ${reason}\n${reportPath}\n`)
  return 0
})
