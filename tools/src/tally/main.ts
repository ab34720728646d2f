import { program } from '@fast-mcp/errors'
import { formatTally, tallySuites } from './tally.ts'

await program(async () => {
  const tallies = await tallySuites(process.cwd())
  process.stdout.write(formatTally(tallies))
  return tallies.some(({ failed }) => failed > 0) || tallies.length === 0 ? 1 : 0
})
