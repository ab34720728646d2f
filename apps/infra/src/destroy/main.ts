// The target infra:destroy: ends everything that deploy started.
import { program } from '@fast-mcp/errors'
import { during, readPipelineEnvironment, withLock } from '@fast-mcp/validation'
import { readArguments } from '../arguments.ts'
import { selectTarget } from '../select-target.ts'
import { refreshReportOf } from '../status/refresh-report.ts'
import { stageOf } from '../template-path.ts'
import { confirm } from './confirm.ts'

const usage = `usage: nx run infra:destroy [-- --all | --yes]

  On this machine: ends tasks, load balancer and image registry. Kept for the next deployment: certificate authority,
  logs, images.
  --all  remove those as well

  On AWS: deletes the stack of the stage, after the stage's name was typed. Images stay in the repository.
  --yes  do not ask
`

await program(async ({ args, signal }) => {
  const { values } = readArguments(args, {
    all: { type: 'boolean' },
    yes: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' }
  })
  if (values.help === true) {
    process.stdout.write(usage)
    return 0
  }
  const workspace = process.cwd()
  const environment = readPipelineEnvironment(process.env)
  const target = await selectTarget({ workspace, environment, signal, report: console.log })
  if (target.planDestroy !== undefined && values.yes !== true)
    await confirm(stageOf(environment), () => target.planDestroy?.() ?? [], process.stdin, process.stdout)
  try {
    const ended = await during(process.stdout, 'ending what runs', () =>
      withLock(workspace, 'infra:destroy', () => target.destroy({ all: values.all === true }))
    )
    console.log(ended.length === 0 ? '  nothing was running' : `  ended: ${ended.join(', ')}`)
  } finally {
    // where it fails, some of what ran has ended all the same
    await refreshReportOf(workspace, target)
  }
  return 0
})
