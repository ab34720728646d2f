import { CodedError } from './coded-error.ts'

export interface ProgramContext {
  /** Aborted by the first SIGINT or SIGTERM; the second one ends the process at once. */
  readonly signal: AbortSignal
  readonly args: readonly string[]
}

/**
 * Runs the main function of a command line program and sets the exit code: what `main` returns (0 if nothing), the
 * code of a CodedError, 130 after an interrupt, 1 for anything else. Errors go to stderr as text, or with `--json`
 * among the arguments as one JSON object `{"error": {code, message, remedy, evidence?}}`.
 */
export async function program(main: (context: ProgramContext) => Promise<number | undefined>): Promise<void> {
  const abort = new AbortController()
  const onSignal = (signal: NodeJS.Signals): void => {
    if (abort.signal.aborted) process.exit(130)
    abort.abort(
      new CodedError('aborted', `interrupted by ${signal}`, {
        remedy: 'Run the command again; it takes up where it can.'
      })
    )
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  const args = process.argv.slice(2)
  try {
    process.exitCode = (await main({ signal: abort.signal, args })) ?? 0
  } catch (thrown) {
    const error = ofSystem(thrown) ?? thrown
    process.stderr.write(
      args.includes('--json') ? `${JSON.stringify({ error: describe(error) })}\n` : formatError(error)
    )
    process.exitCode = abort.signal.aborted ? 130 : error instanceof CodedError ? error.exitCode : 1
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

/** An error as text for a person, ending with a newline: message and code, evidence, remedy. A stack only for faults of our own. */
export function formatError(error: unknown): string {
  if (!(error instanceof CodedError))
    return `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`
  const evidence = error.evidence === undefined ? '' : `${error.evidence.trimEnd().replace(/^/gm, '    ')}\n`
  return `error: ${error.message} [${error.code}]\n${evidence}  what to do: ${error.remedy}\n`
}

/** What the system says about a full disk, as an error that says what to do; undefined for anything else. */
function ofSystem(error: unknown): CodedError | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  if (error.code !== 'ENOSPC' && error.code !== 'EDQUOT') return undefined
  return new CodedError('disk-full', `there is no room left to write: ${error.message}`, {
    remedy:
      'Make room (`df -h` shows where there is none), then run the command again; it takes up where it can.',
    cause: error
  })
}

function describe(error: unknown): object {
  if (error instanceof CodedError) return error.toJSON()
  return {
    code: 'internal',
    message: error instanceof Error ? error.message : String(error),
    remedy: 'Report it.'
  }
}
