// Writes docs/checks.md from the contracts.
import { program } from '@fast-mcp/errors'
import { writeAtomically } from '@fast-mcp/validation'
import { checksMarkdown } from './checks-markdown.ts'

await program(async () => {
  await writeAtomically('docs/checks.md', checksMarkdown())
  return 0
})
