import { CodedError } from '@fast-mcp/errors'
import { aliases } from './aliases.ts'
import type { Tool } from './tool.ts'

/** Which tools are served. Read-only wins over everything, and exclusion over inclusion. */
export interface ToolFilter {
  /** Only tools of these toolsets, and those in `tools`. @default all toolsets, unless `tools` is given */
  readonly toolsets?: readonly string[]
  /** Only these tools, and those of `toolsets`. */
  readonly tools?: readonly string[]
  /** Never these tools or toolsets. */
  readonly exclude?: readonly string[]
  /** Only tools that change nothing. */
  readonly readOnly: boolean
}

/**
 * The tools that a filter leaves, in the order of the list. Old names of tools count as the new ones. Throws CodedError
 * `invalid-arguments` for a name that no tool or toolset has, so that a misspelt exclusion never serves the tool.
 */
export function selectTools(all: readonly Tool[], filter: ToolFilter): readonly Tool[] {
  const { toolsets = [], tools = [], exclude = [] } = filter
  checkNames('toolset', toolsets, toolsetsOf(all))
  checkNames('tool', tools.map(currentName), namesOf(all))
  checkNames('tool or toolset', exclude.map(currentName), [...namesOf(all), ...toolsetsOf(all)])
  return narrowTools(all, filter)
}

/** The tools of a list that a filter leaves; a name that is not in the list leaves nothing, and is no error. */
export function narrowTools(all: readonly Tool[], filter: ToolFilter): readonly Tool[] {
  const { toolsets, readOnly } = filter
  const tools = filter.tools?.map(currentName)
  const exclude = filter.exclude?.map(currentName) ?? []
  const isChosen = ({ name, toolset }: Tool): boolean =>
    (toolsets === undefined && tools === undefined) ||
    toolsets?.includes(toolset) === true ||
    tools?.includes(name) === true
  return all.filter(
    (tool) =>
      isChosen(tool) &&
      !exclude.includes(tool.name) &&
      !exclude.includes(tool.toolset) &&
      (tool.scope === 'read' || !readOnly)
  )
}

function currentName(name: string): string {
  return aliases.get(name)?.tool ?? name
}

function namesOf(tools: readonly Tool[]): readonly string[] {
  return tools.map(({ name }) => name)
}

function toolsetsOf(tools: readonly Tool[]): readonly string[] {
  return [...new Set(tools.map(({ toolset }) => toolset))]
}

function checkNames(kind: string, given: readonly string[], known: readonly string[]): void {
  const unknown = given.filter((name) => !known.includes(name))
  if (unknown.length === 0) return
  throw new CodedError(
    'invalid-arguments',
    `${unknown.map((name) => JSON.stringify(name.slice(0, 100))).join(', ')}: there is no such ${kind}`,
    { remedy: `Choose from ${known.join(', ')}.` }
  )
}
