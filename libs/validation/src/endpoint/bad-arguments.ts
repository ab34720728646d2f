import type { ListedTool } from './listed-tool.ts'

const wrongValues: readonly unknown[] = [{ wrong: true }, 'wrong', -1.5, [[]], null]

/**
 * A call whose arguments do not fit the tool's input schema, on the first tool that has such; undefined where every
 * tool takes anything.
 */
export function badArguments(
  tools: readonly ListedTool[]
): { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> } | undefined {
  for (const tool of tools) {
    const properties = tool.inputSchema['properties']
    if (typeof properties !== 'object' || properties === null) continue
    for (const property of Object.keys(properties))
      for (const value of wrongValues) {
        const args = { ...tool.examples[0], [property]: value }
        if (tool.checkInput(args) !== undefined) return { name: tool.name, arguments: args }
      }
  }
  return undefined
}
