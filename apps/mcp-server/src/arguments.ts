import { CodedError } from '@fast-mcp/errors'

/** What the server is to do. */
export type Command = 'http' | 'stdio' | 'health' | 'version' | 'help'

/** What the command line asks for. */
export interface CommandLine {
  readonly command: Command
  /** Variables that flags set, over those of the environment. */
  readonly environment: Readonly<Record<string, string>>
}

const commands: ReadonlyMap<string, Command> = new Map([
  ['--stdio', 'stdio'],
  ['--health', 'health'],
  ['--version', 'version'],
  ['--help', 'help'],
  ['-h', 'help']
])

/** Flags with a value, and the variables that they stand for. */
const settings: ReadonlyMap<string, string> = new Map([
  ['--toolsets', 'MCP_TOOLSETS'],
  ['--tools', 'MCP_TOOLS'],
  ['--exclude-tools', 'MCP_EXCLUDE_TOOLS']
])

/** The command line; without a command it means HTTP. Throws CodedError `invalid-arguments` for an argument that is unknown, one too many, or lacks its value. */
export function parseArguments(args: readonly string[]): CommandLine {
  const found: Command[] = []
  const environment: Record<string, string> = {}
  const rest = args[Symbol.iterator]()
  for (const argument of rest) {
    const [name = '', inline] = split(argument)
    const command = commands.get(argument)
    const variable = settings.get(name)
    if (command !== undefined) found.push(command)
    else if (argument === '--read-only') environment['MCP_READ_ONLY'] = 'true'
    else if (variable !== undefined) environment[variable] = inline ?? valueOf(name, rest.next().value)
    else throw unknown(argument)
  }
  if (found.includes('help')) return { command: 'help', environment }
  if (found.length > 1)
    throw new CodedError('invalid-arguments', `${args.join(' ')} cannot be used together`, {
      remedy: 'Give one of --stdio, --health and --version.'
    })
  return { command: found[0] ?? 'http', environment }
}

/** `--name=value` in its parts. */
function split(argument: string): readonly string[] {
  const equals = argument.indexOf('=')
  return equals === -1 ? [argument] : [argument.slice(0, equals), argument.slice(equals + 1)]
}

function valueOf(name: string, value: string | undefined): string {
  if (value !== undefined && !value.startsWith('--')) return value
  throw new CodedError('invalid-arguments', `${name} has no value`, {
    remedy: `Give it names separated by commas: ${name} search,object_read.`
  })
}

function unknown(argument: string): CodedError {
  return new CodedError('invalid-arguments', `${JSON.stringify(argument)} is not an argument of the server`, {
    remedy:
      'Use one of --stdio, --health, --version, --help, or none for HTTP; --toolsets, --tools, --exclude-tools and --read-only choose tools.'
  })
}
