import { CodedError } from '@fast-mcp/errors'
import { execa } from 'execa'
import type { EngineEnvironment } from './engine-environment.ts'

/** The command line of an engine or of skopeo, with the environment it works in. */
export interface EngineCommand {
  readonly program: string
  readonly environment: EngineEnvironment
  readonly signal: AbortSignal | undefined
  /** What a call may take that names no limit of its own, in milliseconds. @default 60000 */
  readonly limitMs?: number
}

export interface CommandOutput {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  /** Goes to its standard input. @default nothing */
  readonly input?: string
  /** In milliseconds. @default the command's */
  readonly limitMs?: number
}

/** For calls that move an image. */
export const imageLimitMs = 600_000

/** An engine answers in seconds; one that does not in this time hangs, and would hold the pipeline up for ever. */
const callLimitMs = 60_000

/**
 * Runs the command and gives what it said, whatever its exit code. Throws CodedError `missing-tool` where the program
 * is not there, `aborted` where the signal fires, `engine-unavailable` where it does not end within `limitMs`.
 */
export async function attempt(
  command: EngineCommand,
  args: readonly string[],
  { input, limitMs = command.limitMs ?? callLimitMs }: CommandOptions = {}
): Promise<CommandOutput> {
  const result = await execa(command.program, args, {
    reject: false,
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
    env: command.environment.variables,
    timeout: limitMs,
    killSignal: 'SIGKILL',
    ...(command.signal === undefined ? {} : { cancelSignal: command.signal })
  })
  if (result.isCanceled) {
    const reason: unknown = command.signal?.reason
    if (reason instanceof CodedError) throw reason
    throw new CodedError('aborted', `${command.program} ${args[0] ?? ''} was interrupted`, {
      remedy: 'Run the command again.'
    })
  }
  if (result.timedOut)
    throw new CodedError(
      'engine-unavailable',
      `${command.program} ${args[0] ?? ''} did not end within ${limitMs / 1000} s`,
      { remedy: `Restart ${command.program}, or end what holds it up, and run the command again.` }
    )
  if (result.code === 'ENOENT')
    throw new CodedError('missing-tool', `${command.program} is not installed or not on the PATH`, {
      remedy: 'Run `make setup`: it installs what is missing, or says how to.'
    })
  return { exitCode: result.exitCode ?? 1, stdout: result.stdout, stderr: result.stderr }
}

/** As `attempt`; gives stdout, trimmed, and throws what the engine's words mean where it refuses. */
export async function must(
  command: EngineCommand,
  args: readonly string[],
  options: CommandOptions = {}
): Promise<string> {
  const output = await attempt(command, args, options)
  if (output.exitCode !== 0) throw refusal(command.program, args, output)
  return output.stdout.trim()
}

const meanings = [
  {
    code: 'port-taken',
    pattern: /address already in use|port is already allocated|ports are not available/i,
    remedy: 'Free the port (`ss -ltnp` shows who has it) or choose another one.'
  },
  {
    code: 'registry-unavailable',
    pattern:
      /connection refused|no such host|i\/o timeout|network is unreachable|connection reset|server gave HTTP response to HTTPS|TLS handshake|x509:/i,
    remedy: 'Check that the image registry runs and that its name and port are right.'
  },
  {
    code: 'registry-refused',
    pattern:
      /unauthorized|authentication required|access denied|denied:|forbidden|manifest unknown|name unknown|blob unknown/i,
    remedy: 'Check the repository, the tag or digest, and the credentials for this registry.'
  }
] as const

/** The error that an engine's refusal stands for. */
export function refusal(program: string, args: readonly string[], output: CommandOutput): CodedError {
  const said = (output.stderr.trim() || output.stdout.trim()).split('\n').slice(-20).join('\n')
  const meaning = meanings.find(({ pattern }) => pattern.test(said))
  return new CodedError(
    meaning?.code ?? 'step-failed',
    `${program} ${args[0] ?? ''} failed with exit code ${output.exitCode}`,
    {
      evidence: said,
      remedy: meaning?.remedy ?? `Read what ${program} said above; \`${program} info\` shows its state.`
    }
  )
}
