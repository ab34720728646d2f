import { program } from '@fast-mcp/errors'
import { setup } from './setup.ts'

await program(async ({ signal }) => {
  await setup({
    workspace: process.cwd(),
    environment: process.env,
    signal,
    write: (text) => process.stdout.write(text),
    userId: process.geteuid?.()
  })
  return 0
})
