// The target infra:rollback: back to the version before, or to the one whose SHA is given, with the same proof as deploy.
import { join } from 'node:path'
import { program } from '@fast-mcp/errors'
import { progress, readPipelineEnvironment, withLock } from '@fast-mcp/validation'
import { readArguments } from '../arguments.ts'
import { configPath, writeConfigFile } from '../config-file.ts'
import { ofHistory, prove } from '../deploy-test/prove.ts'
import { describeDeployment } from '../describe-deployment.ts'
import { selectTarget } from '../select-target.ts'
import { refreshReportOf } from '../status/refresh-report.ts'

const usage = `usage: nx run infra:rollback [-- SHA]

  Without SHA: the newest version before the live one that passed its checks.
  SHA: the beginning of the SHA of one of the last ten versions, whether or not it passed, see make status.
`

await program(async ({ args, signal }) => {
  const { values, positionals } = readArguments(args, { help: { type: 'boolean', short: 'h' } }, 1)
  if (values.help === true) {
    process.stdout.write(usage)
    return 0
  }
  const workspace = process.cwd()
  const started = performance.now()
  const { report, end } = progress(process.stdout)
  const target = await selectTarget({
    workspace,
    environment: readPipelineEnvironment(process.env),
    signal,
    report
  })
  const goBack = async (): Promise<void> => {
    const deployment = await target.rollback(positionals[0]).finally(end)
    await writeConfigFile(join(workspace, configPath), deployment.outputs)
    const { version, image } = deployment
    await prove({
      workspace,
      target,
      version,
      image,
      signal,
      json: false,
      probes: ofHistory
    })
    console.log(describeDeployment(deployment, performance.now() - started))
  }
  try {
    await withLock(workspace, 'infra:rollback', goBack)
  } finally {
    await refreshReportOf(workspace, target)
  }
  return 0
})
