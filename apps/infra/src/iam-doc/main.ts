// Writes docs/iam.md from the permissions in the code.
import { writeAtomically } from '@fast-mcp/validation'
import { iamMarkdown } from '../targets/aws/policies.ts'

await writeAtomically('docs/iam.md', iamMarkdown())
