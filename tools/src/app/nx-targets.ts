import { CodedError } from '@fast-mcp/errors'
import { execa } from 'execa'
import { stripVTControlCharacters } from 'node:util'

/** How targets of the workspace ended. */
export interface NxOutcome {
  /** `project:target` of each task that failed. */
  readonly failed: readonly string[]
  /** What Nx says of the cache, such as `24 out of 24 tasks from the cache`. */
  readonly cache: string
  readonly output: string
}

/**
 * Lets Nx bring targets of all projects up to date: those whose inputs are unchanged come from the cache, so that what
 * lies in dist/ is of these very sources whoever wrote it. Throws CodedError `step-failed` where Nx itself fails.
 */
export async function runTargets(
  workspace: string,
  targets: readonly string[],
  signal: AbortSignal
): Promise<NxOutcome> {
  const result = await execa('nx', ['run-many', '-t', ...targets, '--outputStyle=static'], {
    cwd: workspace,
    preferLocal: true,
    all: true,
    reject: false,
    stdin: 'ignore',
    cancelSignal: signal,
    forceKillAfterDelay: 5000
  })
  signal.throwIfAborted()
  const outcome = parseOutcome(stripVTControlCharacters(result.all))
  if (result.exitCode !== 0 && outcome.failed.length === 0)
    throw new CodedError(
      'step-failed',
      `nx run-many -t ${targets.join(' ')} ended with ${String(result.exitCode)}`,
      {
        remedy: `Run \`npx nx run-many -t ${targets.join(' ')}\` and mend what it reports.`,
        evidence: result.all.slice(-4000)
      }
    )
  return outcome
}

/** Reads the summary that Nx prints at its end. */
export function parseOutcome(output: string): NxOutcome {
  const list = /Failed tasks:\s*\n((?:\s*- \S+\s*\n?)+)/.exec(output)?.[1] ?? ''
  const cache = /(\d+) out of (\d+) tasks/.exec(output)
  return {
    failed: [...list.matchAll(/- (\S+)/g)].map((match) => match[1] ?? ''),
    cache: cache === null ? 'run anew' : `${cache[1] ?? ''} of ${cache[2] ?? ''} tasks from the cache`,
    output
  }
}
