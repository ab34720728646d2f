// The target mcp-server:registry-login: credentials for ECR_REGISTRY in the workspace, for twelve hours.
import { CodedError, program } from '@fast-mcp/errors'
import { readPipelineEnvironment } from '@fast-mcp/validation'
import { relative } from 'node:path'
import { login } from '../ecr/login.ts'

await program(async () => {
  const workspace = process.cwd()
  const { ECR_REGISTRY: registry, ECR_REPOSITORY: repository } = readPipelineEnvironment(process.env)
  const done = registry === undefined ? undefined : await login({ workspace, registry, repository })
  if (done === undefined)
    throw new CodedError(
      'invalid-environment',
      `ECR_REGISTRY is ${registry ?? 'unset'}, no registry of ECR`,
      {
        remedy: 'Set it to <account>.dkr.ecr.<region>.amazonaws.com; other registries need no login here.'
      }
    )
  console.log(
    `${done.caller} is logged in to ${registry}; REGISTRY_AUTH_FILE=${relative(workspace, done.authFile)}`
  )
  for (const sentence of done.repository.differs) console.log(sentence)
  return 0
})
