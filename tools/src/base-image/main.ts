import { program } from '@fast-mcp/errors'
import { during, withLock } from '@fast-mcp/validation'
import { baseImage } from './base-image.ts'

await program(async ({ signal }) => {
  const workspace = process.cwd()
  await withLock(workspace, 'base-image', () =>
    during(process.stdout, 'making the base image', (write) =>
      baseImage({ workspace, environment: process.env, signal, write })
    )
  )
  return 0
})
