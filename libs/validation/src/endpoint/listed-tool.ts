import { z } from 'zod'
import { schemaCompiler, type SchemaCheck } from './schema.ts'

/** Key in a tool's `_meta`: a list of arguments that work on the sample registry. */
export const examplesKey = 'quilt-mcp/examples'

const json = z.record(z.string(), z.unknown())

const toolSchema = z.object({
  name: z.string().regex(/^[A-Za-z0-9_.-]{1,128}$/, 'a name of 1 to 128 letters, digits and _ . -'),
  inputSchema: json,
  outputSchema: json.optional(),
  _meta: json.optional()
})

const listSchema = z.object({ tools: z.array(json), nextCursor: z.string().optional() })

/** A tool as the server lists it, its schemas compiled. */
export interface ListedTool {
  readonly name: string
  readonly inputSchema: Readonly<Record<string, unknown>>
  readonly hasOutputSchema: boolean
  /** Arguments to call it with. Where the server gives none: no arguments, if it requires none. */
  readonly examples: readonly Readonly<Record<string, unknown>>[]
  readonly checkInput: SchemaCheck
  readonly checkOutput: SchemaCheck
}

/** One page of tools/list. Throws a ZodError for another shape. */
export function parsePage(result: unknown): {
  readonly tools: readonly unknown[]
  readonly next: string | undefined
} {
  const page = listSchema.parse(result)
  return { tools: page.tools, next: page.nextCursor }
}

/**
 * The tools of a list, and what is wrong with it: names that are not valid or appear twice, schemas that are not
 * valid or describe no object, examples that do not fit the input schema. A tool with a fault is left out.
 */
export function parseTools(values: readonly unknown[]): {
  readonly tools: readonly ListedTool[]
  readonly faults: readonly string[]
} {
  const tools = new Map<string, ListedTool>()
  const compile = schemaCompiler()
  const faults: string[] = values.length === 0 ? ['the list is empty'] : []
  for (const value of values) {
    try {
      const tool = parseTool(value, compile)
      if (tools.has(tool.name)) faults.push(`${tool.name} is listed twice`)
      else tools.set(tool.name, tool)
    } catch (error) {
      faults.push(
        `${nameOf(value)}: ${error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error)}`
      )
    }
  }
  return { tools: [...tools.values()], faults }
}

function parseTool(value: unknown, compile: ReturnType<typeof schemaCompiler>): ListedTool {
  const { name, inputSchema, outputSchema, _meta } = toolSchema.parse(value)
  for (const [what, schema] of Object.entries({ inputSchema, outputSchema }))
    if (schema !== undefined && schema['type'] !== 'object')
      throw new Error(`${what} does not have type object`)
  const checkInput = compile(inputSchema)
  const given = z.array(json).optional().parse(_meta?.[examplesKey])
  const examples = given ?? (checkInput({}) === undefined ? [{}] : [])
  for (const [index, example] of examples.entries()) {
    const fault = checkInput(example)
    if (fault !== undefined)
      throw new Error(`example ${String(index + 1)} does not fit the input schema: ${fault}`)
  }
  return {
    name,
    inputSchema,
    hasOutputSchema: outputSchema !== undefined,
    examples,
    checkInput,
    checkOutput: outputSchema === undefined ? () => undefined : compile(outputSchema)
  }
}

function nameOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'name' in value
    ? String(value.name)
    : 'a tool without a name'
}
