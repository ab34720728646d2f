import { program } from '@fast-mcp/errors'
import { fileURLToPath } from 'node:url'
import { run } from './run.ts'

const workspace = fileURLToPath(new URL('../../..', import.meta.url))

await program(({ args, signal }) => run({ args, workspace, signal, terminal: process.stdout }))
