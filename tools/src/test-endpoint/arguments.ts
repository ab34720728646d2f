import { CodedError } from '@fast-mcp/errors'
import { parseArgs } from 'node:util'

export interface TestEndpointArguments {
  /** URL from the arguments; undefined: that of the live endpoint. */
  readonly url: string | undefined
  /** Tools to call; undefined: all. */
  readonly tools: readonly string[] | undefined
  readonly list: boolean
  readonly verbose: boolean
  readonly json: boolean
  /** File with the certificate authority to trust. */
  readonly ca: string | undefined
}

/** The address of the server when it runs by hand on this machine. */
export const localUrl = 'http://127.0.0.1:8000/mcp'

export const usage = `usage: tools/test-endpoint.sh [options] [URL]

Tries an MCP endpoint with raw HTTP and with the official client: initialize, tools/list, and what it answers to
mistakes; with -t or -T also the tools, each with its examples, answers checked against the output schema.

  URL           the endpoint; without it the live one (MCP_ENDPOINT in .config)
  -l, --local   ${localUrl}
  -t, --tools   call all tools
  -T NAME       call this tool; may be given more than once
  -v            show what was seen in every step
  --list-tools  print the names of the tools, one a line, and nothing else
  --json        print the report as JSON, and nothing else
  --ca FILE     certificate authority to trust, PEM; for the live endpoint that of the deployment
  -h, --help    print this

Ends with 0 if every step passed, 1 if one failed, 2 for wrong arguments, 3 if nothing is deployed.
`

/** What the arguments ask for; undefined for --help. Throws CodedError `invalid-arguments`. */
export function parseArguments(args: readonly string[]): TestEndpointArguments | undefined {
  const { values, positionals } = read(args)
  if (values.help === true) return undefined
  const [url, ...more] = positionals
  if (more.length > 0) throw wrong(`one URL is expected, got ${positionals.join(' ')}`)
  if (url !== undefined && values.local === true)
    throw wrong(`-l is a URL of its own; ${url} is one too many`)
  return {
    url: values.local === true ? localUrl : url,
    tools: values.tools === true ? undefined : (values.tool ?? []),
    list: values['list-tools'] === true,
    verbose: values.verbose === true,
    json: values.json === true,
    ca: values.ca
  }
}

function read(args: readonly string[]): ReturnType<typeof parse> {
  try {
    return parse(args)
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error))
  }
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      local: { type: 'boolean', short: 'l' },
      tools: { type: 'boolean', short: 't' },
      tool: { type: 'string', short: 'T', multiple: true },
      verbose: { type: 'boolean', short: 'v' },
      'list-tools': { type: 'boolean' },
      json: { type: 'boolean' },
      ca: { type: 'string' },
      help: { type: 'boolean', short: 'h' }
    }
  })
}

function wrong(message: string): CodedError {
  return new CodedError('invalid-arguments', message, { remedy: 'See tools/test-endpoint.sh --help.' })
}
