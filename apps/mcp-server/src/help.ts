import { environmentHelp } from '@fast-mcp/environment'
import { serverEnvironment } from './config.ts'

/** What --help prints. */
export function help(): string {
  return `Fast MCP Server: Quilt packages for language-model clients

Usage: main.js [--stdio | --health | --version | --help] [choice of tools]

  (none)     serve MCP over HTTP at http://HOST:PORT/mcp, with /health and /ready
  --stdio    serve MCP over standard input and output
  --health   ask the server at HOST and PORT for its health; ends with 0 if it is well, else with 1
  --version  print version and full SHA
  --help     print this

Choice of tools, which wins over the environment:
  --toolsets NAMES       as MCP_TOOLSETS
  --tools NAMES          as MCP_TOOLS
  --exclude-tools NAMES  as MCP_EXCLUDE_TOOLS
  --read-only            as MCP_READ_ONLY=true

Environment:
${environmentHelp(serverEnvironment)}`
}
