import { variable } from '@fast-mcp/environment'
import { z } from 'zod'
import type { ToolFilter } from './filter.ts'

/** Names separated by commas or blanks. */
const names = z
  .string()
  .transform((text) => namesIn(text))
  .pipe(z.array(z.string()).min(1))
  .optional()

/** The names in a text, separated by commas or blanks. */
export function namesIn(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((name) => name !== '')
}

/** The environment variables that choose tools. */
export const filterVariables = {
  MCP_TOOLSETS: variable(names, {
    description: 'Only tools of these toolsets are served, and those of MCP_TOOLS.',
    accepts: 'packages, objects, search, catalog, server, separated by commas or blanks',
    unset: 'all'
  }),
  MCP_TOOLS: variable(names, {
    description: 'Only these tools are served, and those of MCP_TOOLSETS.',
    accepts: 'names of tools, separated by commas or blanks',
    unset: 'all'
  }),
  MCP_EXCLUDE_TOOLS: variable(names, {
    description: 'These tools are never served, whatever else is asked for.',
    accepts: 'names of tools or toolsets, separated by commas or blanks',
    unset: 'none'
  }),
  MCP_READ_ONLY: variable(z.enum(['true', 'false', '1', '0']).default('false'), {
    description: 'Whether only tools that read are served; wins over all of these.',
    accepts: 'true, false, 1 or 0'
  })
} as const

/** The filter that the environment asks for. */
export function filterConfig(environment: {
  readonly MCP_TOOLSETS?: readonly string[] | undefined
  readonly MCP_TOOLS?: readonly string[] | undefined
  readonly MCP_EXCLUDE_TOOLS?: readonly string[] | undefined
  readonly MCP_READ_ONLY: 'true' | 'false' | '1' | '0'
}): ToolFilter {
  const { MCP_TOOLSETS: toolsets, MCP_TOOLS: tools, MCP_EXCLUDE_TOOLS: exclude } = environment
  return {
    ...(toolsets === undefined ? {} : { toolsets }),
    ...(tools === undefined ? {} : { tools }),
    ...(exclude === undefined ? {} : { exclude }),
    readOnly: ['true', '1'].includes(environment.MCP_READ_ONLY)
  }
}
