import { readFile } from 'node:fs/promises'
import { program } from '@fast-mcp/errors'
import { writeAtomically } from '@fast-mcp/validation'
import { withPipelineVariables } from './readme.ts'

await program(async () => {
  await writeAtomically('README.md', withPipelineVariables(await readFile('README.md', 'utf8')))
  return 0
})
