import { CodedError, program } from '@fast-mcp/errors'
import {
  readPipelineEnvironment,
  readRecord,
  withLock,
  type Phase,
  type PhaseRecord
} from '@fast-mcp/validation'
import { execa } from 'execa'
import { parseCommand, usage } from './command.ts'
import { summary } from './summary.ts'

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
    const records = await readRecords(workspace, command.phases)
    const nx = await execa('nx', [...command.nx, '--output-style=stream-without-prefixes'], {
      cwd: workspace,
      preferLocal: true,
      stdio: 'inherit',
      cancelSignal: signal,
      forceKillAfterDelay: 60_000,
      reject: false
    })
    if (command.phases.length > 0) {
      const after = await readRecords(workspace, command.phases)
      const outcomes = command.phases.map((phase) => ({
        phase,
        record: after.get(phase),
        before: records.get(phase)
      }))
      process.stdout.write(summary(outcomes, startedAt, new Date(), nx.exitCode === 0))
      // A run that changed nothing, too, may have found well what the page of an earlier one shows as broken.
      const { writePageOfRun } = await import('./page-of-run.ts')
      process.stdout.write(await writePageOfRun(workspace, signal))
    }
    return nx.exitCode === 0 ? 0 : 1
  })
})

/** The records of these phases. One that cannot be read is what the run reports or replaces: its phase counts as not reached. */
async function readRecords(
  workspace: string,
  phases: readonly Phase[]
): Promise<ReadonlyMap<Phase, PhaseRecord | undefined>> {
  return new Map(
    await Promise.all(phases.map(async (phase) => [phase, await read(workspace, phase)] as const))
  )
}

async function read(workspace: string, phase: Phase): Promise<PhaseRecord | undefined> {
  try {
    return await readRecord(workspace, phase)
  } catch (error) {
    if (error instanceof CodedError) return undefined
    throw error
  }
}
