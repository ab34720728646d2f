import { program } from '@fast-mcp/errors'
import { withLock } from '@fast-mcp/validation'
import { pushTest } from './push-test.ts'

await program(async ({ args, signal }) => {
  const workspace = process.cwd()
  await withLock(workspace, 'push-test', () =>
    pushTest({
      workspace,
      environment: process.env,
      signal,
      write: (text) => process.stdout.write(text),
      isTTY: process.stdout.isTTY,
      json: args.includes('--json'),
      again: args.includes('--again')
    })
  )
  return 0
})
