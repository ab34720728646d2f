// The target infra:deploy: this commit live behind a load balancer.
import { program } from '@fast-mcp/errors'
import { progress, readPipelineEnvironment, withLock } from '@fast-mcp/validation'
import { readArguments } from '../arguments.ts'
import { describeDeployment } from '../describe-deployment.ts'
import { selectTarget } from '../select-target.ts'
import { deploy } from './deploy.ts'

await program(async ({ args, signal }) => {
  readArguments(args, {})
  const workspace = process.cwd()
  const started = performance.now()
  const { report, end } = progress(process.stdout)
  const target = await selectTarget({
    workspace,
    environment: readPipelineEnvironment(process.env),
    signal,
    report
  })
  const deployment = await withLock(workspace, 'infra:deploy', () => deploy(workspace, target).finally(end))
  console.log(describeDeployment(deployment, performance.now() - started))
  return 0
})
// The CDK toolkit takes no signal: after an interrupt it would keep the process until CloudFormation has ended.
if (process.exitCode !== 0) process.exit()
