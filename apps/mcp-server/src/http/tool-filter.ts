import type { IncomingHttpHeaders } from 'node:http'
import type { ToolFilter } from '../tools/filter.ts'
import { namesIn } from '../tools/filter-variables.ts'

/** What the headers of a request narrow the tools to; undefined where it has none of them. */
export function toolFilter(headers: IncomingHttpHeaders): ToolFilter | undefined {
  const toolsets = names(headers['x-mcp-toolsets'])
  const tools = names(headers['x-mcp-tools'])
  const exclude = names(headers['x-mcp-exclude-tools'])
  const readOnly = isSet(headers['x-mcp-readonly'])
  if (toolsets === undefined && tools === undefined && exclude === undefined && !readOnly) return undefined
  return {
    ...(toolsets === undefined ? {} : { toolsets }),
    ...(tools === undefined ? {} : { tools }),
    ...(exclude === undefined ? {} : { exclude }),
    readOnly
  }
}

/** An empty header asks for nothing. */
function names(header: string | string[] | undefined): readonly string[] | undefined {
  const found = namesIn(String(header ?? ''))
  return found.length === 0 ? undefined : found
}

/** Whatever does not say no says yes: what is misspelt narrows. */
function isSet(header: string | string[] | undefined): boolean {
  return (
    header !== undefined && !['', '0', 'false', 'no', 'off'].includes(String(header).trim().toLowerCase())
  )
}
