import { program } from '@fast-mcp/errors'
import { during } from '@fast-mcp/validation'
import { setup } from './setup.ts'

await program(async ({ signal }) => {
  await during(process.stdout, 'looking for what the pipeline needs, or installing it', (write) =>
    setup({
      workspace: process.cwd(),
      environment: process.env,
      signal,
      write,
      userId: process.geteuid?.()
    })
  )
  return 0
})
