// The target infra:status: what is deployed, by which commit, and whether it is healthy.
import { CodedError, formatError, program } from '@fast-mcp/errors'
import { colorsFor, readPipelineEnvironment } from '@fast-mcp/validation'
import { readArguments } from '../arguments.ts'
import { selectTarget } from '../select-target.ts'
import { formatStatus } from './format.ts'
import { exitCodes, gatherStatus, type Status } from './gather.ts'
import { refreshReport, reportLog } from './refresh-report.ts'
import { watch } from './watch.ts'

const usage = `usage: nx run infra:status [-- --json] [--watch]

  Shows what is deployed; dist/report/index.html is written again with the same, a moment later
  (where that fails, ${reportLog} says why).
  --json   as JSON, and nothing else
  --watch  again every second, until interrupted

  Exit code: 0 healthy, 1 not healthy, 3 nothing is deployed.
`

const everyMs = 1000
/** The report is for people who look now and then. */
const reportEveryMs = 10_000

await program(async ({ args, signal }) => {
  const { values } = readArguments(args, {
    json: { type: 'boolean' },
    watch: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' }
  })
  if (values.help === true) {
    process.stdout.write(usage)
    return 0
  }
  const workspace = process.cwd()
  const environment = readPipelineEnvironment(process.env)
  const colors = colorsFor(process.stdout)
  const target = await selectTarget({ workspace, environment, signal, report: console.error })
  const gather = (): Promise<Status> => gatherStatus(workspace, target)
  const text = (status: Status): string =>
    values.json === true ? `${JSON.stringify(status)}\n` : formatStatus(status, new Date(), colors)

  if (values.watch === true) {
    let reportedAt = -Infinity
    await watch({
      draw: async () => {
        const status = await gather()
        if (values.json !== true && performance.now() - reportedAt >= reportEveryMs) {
          reportedAt = performance.now()
          refreshReport(workspace, status)
        }
        return text(status)
      },
      // A state that is damaged now is whole again after the next deployment.
      drawError: (error) => {
        if (!(error instanceof CodedError)) throw error
        const { code, message } = error
        return values.json === true ? `${JSON.stringify({ error: { code, message } })}\n` : formatError(error)
      },
      terminal: process.stdout,
      everyMs,
      signal
    })
    return 0
  }
  const status = await gather()
  process.stdout.write(values.json === true ? `${JSON.stringify(status, undefined, 2)}\n` : text(status))
  if (values.json !== true) refreshReport(workspace, status)
  return exitCodes[status.deployment.state]
})
