import { CodedError } from '@fast-mcp/errors'

/** What the command line asks for. */
export type Command = 'http' | 'stdio' | 'health' | 'version' | 'help'

const commands: ReadonlyMap<string, Command> = new Map([
  ['--stdio', 'stdio'],
  ['--health', 'health'],
  ['--version', 'version'],
  ['--help', 'help'],
  ['-h', 'help']
])

/** The command of a command line; none means HTTP. Throws CodedError `invalid-arguments` for an argument that is unknown or one too many. */
export function parseArguments(args: readonly string[]): Command {
  const found = args.map((argument) => {
    const command = commands.get(argument)
    if (command === undefined)
      throw new CodedError(
        'invalid-arguments',
        `${JSON.stringify(argument)} is not an argument of the server`,
        {
          remedy: 'Use one of --stdio, --health, --version, --help, or none for HTTP.'
        }
      )
    return command
  })
  if (found.includes('help')) return 'help'
  if (found.length > 1)
    throw new CodedError('invalid-arguments', `${args.join(' ')} cannot be used together`, {
      remedy: 'Give one of --stdio, --health and --version.'
    })
  return found[0] ?? 'http'
}
