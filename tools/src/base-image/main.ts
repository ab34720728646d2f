import { program } from '@fast-mcp/errors'
import { withLock } from '@fast-mcp/validation'
import { baseImage } from './base-image.ts'

await program(async ({ signal }) => {
  const workspace = process.cwd()
  await withLock(workspace, 'base-image', () =>
    baseImage({
      workspace,
      environment: process.env,
      signal,
      write: (text) => process.stdout.write(text)
    })
  )
  return 0
})
