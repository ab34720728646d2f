import { program } from '@fast-mcp/errors'
import { during, withLock } from '@fast-mcp/validation'
import { container } from './container.ts'

await program(async ({ signal }) => {
  const workspace = process.cwd()
  await withLock(workspace, 'container', () =>
    during(process.stdout, 'building the image', (write) =>
      container({ workspace, environment: process.env, signal, write })
    )
  )
  return 0
})
