// Writes dist/report/index.html: one page about this commit, its phases, and whether it is live.
import { program } from '@fast-mcp/errors'
import { reportPath, writeReport } from './write-report.ts'

await program(async ({ signal }) => {
  const { headline, reason } = await writeReport(process.cwd(), signal)
  process.stdout.write(`${headline}. ${reason}\n${reportPath}\n`)
  return 0
})
