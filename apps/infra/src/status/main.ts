// The target infra:status: what is deployed, by which commit, and whether it is healthy.
import { program } from '@fast-mcp/errors'
import { colorsFor, readPipelineEnvironment } from '@fast-mcp/validation'
import { readArguments } from '../arguments.ts'
import { selectTarget } from '../select-target.ts'
import { formatStatus } from './format.ts'
import { exitCodes, gatherStatus } from './gather.ts'

const usage = `usage: nx run infra:status [-- --json]

  Exit code: 0 healthy, 1 not healthy, 3 nothing is deployed.
`

await program(async ({ args, signal }) => {
  const { values } = readArguments(args, {
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' }
  })
  if (values.help === true) {
    process.stdout.write(usage)
    return 0
  }
  const workspace = process.cwd()
  const environment = readPipelineEnvironment(process.env)
  const status = await gatherStatus(
    workspace,
    selectTarget({ workspace, environment, signal, report: console.error })
  )
  process.stdout.write(
    values.json === true
      ? `${JSON.stringify(status, undefined, 2)}\n`
      : formatStatus(status, new Date(), colorsFor(process.stdout))
  )
  return exitCodes[status.deployment.state]
})
