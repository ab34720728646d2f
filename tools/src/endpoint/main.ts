// The target mcp-server:endpoint: the built server starts, answers every MCP call of the endpoint tester, and stops.
import { CodedError, program } from '@fast-mcp/errors'
import { colorsFor } from '@fast-mcp/validation'
import { endpointResultPath } from './endpoint-result.ts'
import { formatStep, formatSummary } from './format-steps.ts'
import { runEndpoint } from './run-endpoint.ts'

await program(async ({ args, signal }) => {
  const colors = colorsFor(process.stdout)
  const result = await runEndpoint({
    workspace: process.cwd(),
    signal,
    onProgress: (step) => process.stdout.write(formatStep(step, colors, args.includes('-v')))
  })
  if (result.report !== undefined) process.stdout.write(formatSummary(result.report, colors))
  if (result.passed) {
    process.stdout.write(
      `  ready in ${String(result.readyMs)} ms, stopped by SIGTERM in ${String(result.stopped?.ms)} ms\n`
    )
    return 0
  }
  const { startupFailure, stopped } = result
  throw new CodedError(
    'step-failed',
    startupFailure ??
      (stopped?.code === 0
        ? 'the endpoint of the built server did not pass'
        : `the server ended with ${String(stopped?.code ?? stopped?.signal)} after SIGTERM, expected 0`),
    { remedy: `Mend what failed above; ${endpointResultPath} has it all.`, evidence: result.log }
  )
})
