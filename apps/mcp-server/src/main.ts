import { program } from '@fast-mcp/errors'
import { run } from './run.ts'

await program(({ args, signal }) =>
  run({
    args,
    environment: process.env,
    signal,
    input: process.stdin,
    output: process.stdout,
    errors: process.stderr
  })
)
