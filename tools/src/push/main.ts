import { program } from '@fast-mcp/errors'
import { withLock } from '@fast-mcp/validation'
import { push } from './push.ts'

await program(async ({ signal }) => {
  const workspace = process.cwd()
  await withLock(workspace, 'push', () =>
    push({
      workspace,
      environment: process.env,
      signal,
      write: (text) => process.stdout.write(text)
    })
  )
  return 0
})
