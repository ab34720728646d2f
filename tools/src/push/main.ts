import { program } from '@fast-mcp/errors'
import { during, withLock } from '@fast-mcp/validation'
import { push } from './push.ts'

await program(async ({ signal }) => {
  const workspace = process.cwd()
  await withLock(workspace, 'push', () =>
    during(process.stdout, 'pushing the image', (write) =>
      push({ workspace, environment: process.env, signal, write })
    )
  )
  return 0
})
