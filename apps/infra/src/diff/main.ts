// The target infra:diff: what a deployment would change on AWS. Nothing is changed.
import { program } from '@fast-mcp/errors'
import { deploymentTarget, readPipelineEnvironment } from '@fast-mcp/validation'
import { readArguments } from '../arguments.ts'
import { showDiff } from './show-diff.ts'

await program(async ({ args }) => {
  readArguments(args, {})
  const environment = readPipelineEnvironment(process.env)
  process.stdout.write(
    deploymentTarget(environment) === 'local'
      ? 'on this machine a deployment replaces the tasks; set ECR_REGISTRY to see what it would change on AWS\n'
      : await showDiff(process.cwd(), environment)
  )
  return 0
})
