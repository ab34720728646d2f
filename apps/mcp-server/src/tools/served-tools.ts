import type { CallContext } from '../protocol/method.ts'
import { aliases, currentArguments } from './aliases.ts'
import { narrowTools } from './filter.ts'
import { listTool } from './listing.ts'
import type { Tool } from './tool.ts'

/** A call of a tool, its old names replaced. */
export interface ToolCall {
  readonly tool: Tool
  readonly args: Readonly<Record<string, unknown>>
}

/** The tools of a server as one call sees them: the filter of its request leaves all, some or none of them. */
export interface ServedTools {
  /** The list as tools/list gives it; undefined where the request narrows nothing. */
  narrowed(context: Pick<CallContext, 'filter'>): readonly object[] | undefined
  /** Every tool, as tools/list gives it. */
  readonly list: readonly object[]
  /** The tool of that name, or of that old name; undefined where there is none for this request. */
  find(
    name: string,
    args: Readonly<Record<string, unknown>>,
    context: Pick<CallContext, 'filter'>
  ): ToolCall | undefined
}

/** Compiles the list once. `withExamples` where the sample registry is served. */
export function serveTools(tools: readonly Tool[], withExamples: boolean): ServedTools {
  const byName = new Map(tools.map((tool) => [tool.name, tool]))
  const listed = new Map(tools.map((tool) => [tool.name, listTool(tool, withExamples)]))
  const known = new Map(tools.map((tool) => [tool.name, new Set(Object.keys(tool.input.shape))]))
  return {
    list: [...listed.values()],
    narrowed: ({ filter }) =>
      filter === undefined ? undefined : narrowTools(tools, filter).map(({ name }) => listed.get(name) ?? {}),
    find: (name, args, { filter }) => {
      const alias = byName.has(name) ? undefined : aliases.get(name)
      const tool = byName.get(alias?.tool ?? name)
      if (tool === undefined) return undefined
      if (filter !== undefined && narrowTools([tool], filter).length === 0) return undefined
      return {
        tool,
        args: currentArguments({ ...alias?.implied, ...args }, known.get(tool.name) ?? new Set())
      }
    }
  }
}
