import { CodedError } from '@fast-mcp/errors'
import { execa } from 'execa'

/** Runs a program and gives its stdout. Throws CodedError `missing-tool`, `step-failed` with what it said, `aborted`. */
export async function command(
  program: string,
  args: readonly string[],
  options: { readonly signal: AbortSignal; readonly input?: string }
): Promise<string> {
  const result = await execa(program, args, {
    reject: false,
    cancelSignal: options.signal,
    ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input })
  })
  options.signal.throwIfAborted()
  if (result.code === 'ENOENT')
    throw new CodedError('missing-tool', `${program} is not installed`, { remedy: 'Run `make setup`.' })
  if (result.exitCode === 0) return result.stdout
  throw new CodedError('step-failed', `${program} failed with exit code ${String(result.exitCode)}`, {
    evidence: result.stderr.split('\n').slice(-20).join('\n'),
    remedy:
      'Check the network and the package sources of this machine, or set BASE_IMAGE to an image with Node 24.'
  })
}
