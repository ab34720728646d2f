// The target infra:supervise: restores what dies, for as long as it runs. Nobody starts it but the user.
import { program } from '@fast-mcp/errors'
import { readPipelineEnvironment } from '@fast-mcp/validation'
import { readArguments } from '../arguments.ts'
import { selectTarget } from '../select-target.ts'
import { supervise } from './supervise.ts'

const usage = `usage: nx run infra:supervise

  Looks at the deployment on this machine every two seconds and restores what died, until interrupted.
`

await program(async ({ args, signal }) => {
  const { values } = readArguments(args, { help: { type: 'boolean', short: 'h' } })
  if (values.help === true) {
    process.stdout.write(usage)
    return 0
  }
  const workspace = process.cwd()
  const report = (line: string): void => {
    console.log(`${new Date().toISOString()} ${line}`)
  }
  // What restores is not cut off in the middle: the signal ends the looking.
  const target = await selectTarget({
    workspace,
    environment: readPipelineEnvironment(process.env),
    signal: new AbortController().signal,
    report
  })
  await supervise({ workspace, target, everyMs: 2000, signal, report })
  return 0
})
