import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { CodedError } from '@fast-mcp/errors'

/**
 * The arguments of a program, by `node:util` parseArgs in strict mode. Throws CodedError `invalid-arguments` for one
 * that is unknown, lacks its value or is one too many; `positionals` is how many may stand without a name.
 */
export function readArguments<O extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: O,
  positionals = 0
) {
  const parsed = strict(args, options)
  if (parsed.positionals.length > positionals)
    throw wrong(`${JSON.stringify(parsed.positionals.at(positionals))} is one argument too many`)
  return parsed
}

function strict<O extends ParseArgsOptionsConfig>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error))
  }
}

function wrong(message: string): CodedError {
  return new CodedError('invalid-arguments', message, { remedy: 'Run it with --help to see its arguments.' })
}
