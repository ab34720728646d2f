import { program } from '@fast-mcp/errors'
import { withLock } from '@fast-mcp/validation'
import { clean } from './clean.ts'

await program(async ({ signal }) => {
  const workspace = process.cwd()
  await withLock(workspace, 'clean', () =>
    clean({
      workspace,
      environment: process.env,
      signal,
      write: (text) => process.stdout.write(text)
    })
  )
  return 0
})
