import { program } from '@fast-mcp/errors'
import { readPipelineEnvironment } from '@fast-mcp/validation'
import { relative } from 'node:path'
import { synthesize } from './synthesize.ts'

await program(async () => {
  const workspace = process.cwd()
  const template = await synthesize(workspace, readPipelineEnvironment(process.env))
  console.log(`template: ${relative(workspace, template)}`)
  return 0
})
