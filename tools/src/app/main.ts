// The target mcp-server:app: the checks of phase app over what its other targets have left, and the record.
import { program } from '@fast-mcp/errors'
import { appPhase } from './app-phase.ts'

await program(async ({ args, signal }) => {
  await appPhase({
    workspace: process.cwd(),
    environment: process.env,
    signal,
    write: (text) => process.stdout.write(text),
    json: args.includes('--json'),
    again: args.includes('--again')
  })
  return 0
})
