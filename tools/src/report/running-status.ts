import { CodedError } from '@fast-mcp/errors'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const version = z.object({ sha: z.string(), dirty: z.boolean() })
const count = z.number().nonnegative()

const statusSchema = z.object({
  /** HEAD is what is live. */
  current: z.boolean(),
  deployment: z.discriminatedUnion('state', [
    z.object({ state: z.literal('not-deployed'), note: z.string().optional() }),
    z.object({
      state: z.enum(['healthy', 'unhealthy']),
      problems: z.array(z.string()),
      endpoint: z.string(),
      desiredCount: count,
      tasks: z.array(
        z.object({
          name: z.string(),
          health: z.enum(['healthy', 'unhealthy', 'gone']),
          address: z.string(),
          check: z.string(),
          startedAt: z.string(),
          requests: count,
          active: count,
          serverErrors: count
        })
      ),
      parts: z.array(z.object({ name: z.string(), what: z.string(), state: z.string() })),
      traffic: z
        .object({
          requestsPerSecond: count,
          requests: count,
          serverErrors: count,
          latency: z.object({ count, p50Ms: count, p95Ms: count }).optional()
        })
        .optional(),
      history: z.array(
        z.object({ version, deployedAt: z.string(), proof: z.enum(['none', 'passed', 'failed']) })
      )
    })
  ])
})

/** What infra:status says, as far as the page draws it. */
export type RunningStatus = z.output<typeof statusSchema>

const statusProgram = 'apps/infra/src/status/main.ts'
const limitMs = 10_000

/** The status in the JSON of infra:status. Throws CodedError `internal` for anything else. */
export function parseStatus(text: string): RunningStatus {
  try {
    return statusSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new CodedError('internal', `${statusProgram} --json did not give a status`, {
      evidence: text.slice(0, 500),
      remedy: 'Run `make status`.',
      cause
    })
  }
}

/** Asks infra:status what runs; undefined where that program is not there or does not know. */
export async function askStatus(workspace: string, signal: AbortSignal): Promise<RunningStatus | undefined> {
  if (!existsSync(join(workspace, statusProgram))) return undefined
  const { execa } = await import('execa')
  const { stdout } = await execa(process.execPath, [statusProgram, '--json'], {
    cwd: workspace,
    cancelSignal: signal,
    timeout: limitMs,
    reject: false
  })
  signal.throwIfAborted()
  // It writes nothing where it fails; make status says why.
  return stdout === '' ? undefined : parseStatus(stdout)
}
