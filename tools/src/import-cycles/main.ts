// Prints every cycle among the imports of the workspace, or that there is none.
import { CodedError, program } from '@fast-mcp/errors'
import { findCycles, formatCycle } from './find-cycles.ts'
import { importGraph, sourceFiles } from './import-graph.ts'

await program(async () => {
  const files = sourceFiles(process.cwd())
  const cycles = findCycles(await importGraph(process.cwd(), files))
  if (cycles.length > 0)
    throw new CodedError('step-failed', `${String(cycles.length)} import cycle(s)`, {
      remedy: 'Move what both sides need into a file of its own.',
      evidence: cycles.map(formatCycle).join('\n')
    })
  process.stdout.write(`${String(files.length)} files, no import cycles\n`)
  return 0
})
