// Writes docs/errors.md from the catalogue.
import { program } from '@fast-mcp/errors'
import { writeAtomically } from '@fast-mcp/validation'
import { errorsMarkdown } from './errors-markdown.ts'

await program(async () => {
  await writeAtomically('docs/errors.md', errorsMarkdown())
  return 0
})
