import { CodedError, program } from '@fast-mcp/errors'
import { readPipelineEnvironment, readRecord, withLock, type Phase } from '@fast-mcp/validation'
import { execa } from 'execa'
import { parseCommand, usage } from './command.ts'
import { summary, type PhaseOutcome } from './summary.ts'

await program(async ({ args, signal }) => {
  const command = parseCommand(args)
  if (command === undefined) {
    process.stdout.write(usage)
    return 0
  }
  readPipelineEnvironment(process.env)
  const workspace = process.cwd()
  const startedAt = new Date()
  return withLock(workspace, `pipeline ${args.join(' ')}`, async () => {
    const nx = await execa('nx', [...command.nx, '--output-style=stream-without-prefixes'], {
      cwd: workspace,
      preferLocal: true,
      stdio: 'inherit',
      cancelSignal: signal,
      forceKillAfterDelay: 60_000,
      reject: false
    })
    if (command.phases.length > 0) {
      const outcomes = await Promise.all(command.phases.map((phase) => outcome(workspace, phase)))
      process.stdout.write(summary(outcomes, startedAt, new Date()))
    }
    return nx.exitCode === 0 ? 0 : 1
  })
})

/** A record that cannot be read is what the run is about to report or replace; the summary shows the phase as not reached. */
async function outcome(workspace: string, phase: Phase): Promise<PhaseOutcome> {
  try {
    return { phase, record: await readRecord(workspace, phase) }
  } catch (error) {
    if (error instanceof CodedError) return { phase, record: undefined }
    throw error
  }
}
