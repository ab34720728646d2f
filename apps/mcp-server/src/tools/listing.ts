import { z } from 'zod'
import type { Tool } from './tool.ts'

/** Key of a listed tool's examples in its `_meta`: a list of arguments that work on the sample registry. */
export const examplesKey = 'quilt-mcp/examples'

/**
 * A tool as tools/list gives it. What is listed is paid for by every conversation of every client, so schemas are cut to
 * what a model needs to call the tool: results one level deep, no bounds that no sensible argument meets. They stay
 * true of everything that is accepted and answered. docs/tools.md has the whole.
 */
export function listTool(tool: Tool, withExamples: boolean): object {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: inputSchema(tool),
    outputSchema: outputSchema(tool),
    annotations: tool.annotations,
    ...(withExamples ? { _meta: { [examplesKey]: tool.examples } } : {})
  }
}

/** JSON Schema, or a part of it. */
type Schema = Readonly<Record<string, unknown>>

/** Arguments as they are accepted, without bounds on the length of texts and lists and of whole numbers as such. */
export function inputSchema(tool: Tool): object {
  return cutInput(compile(tool.input, 'input'))
}

/** Results, one level deep: what is inside of lists and objects is said by the description. */
export function outputSchema(tool: Tool): object {
  const { properties } = compile(tool.output, 'output')
  return { type: 'object', properties: mapMembers(properties, cutOutput) }
}

function compile(schema: z.ZodType, io: 'input' | 'output'): Schema {
  const compiled = z.toJSONSchema(schema, { io, target: 'draft-2020-12' })
  // 2020-12 is the dialect that MCP means where none is named
  delete compiled.$schema
  return { ...compiled }
}

/** Bounds that only protect the server; whoever meets one is told. */
const bounds: ReadonlySet<string> = new Set([
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'maxItems',
  'pattern',
  'format',
  'contentEncoding',
  'propertyNames',
  // other arguments are refused, with a reason
  'additionalProperties'
])

function cutInput(schema: unknown): object {
  return Object.fromEntries(
    Object.entries(asSchema(schema)).flatMap(([key, value]) => {
      if (bounds.has(key) || isEmptyDefault(key, value)) return []
      if (key === 'properties') return [[key, mapMembers(value, cutInput)]]
      if (key === 'items') return [[key, cutInput(value)]]
      if (key === 'anyOf' && Array.isArray(value)) return [[key, value.map(cutInput)]]
      return [[key, value]]
    })
  )
}

function isEmptyDefault(key: string, value: unknown): boolean {
  return (
    key === 'default' &&
    (value === false || value === '' || value === 0 || (Array.isArray(value) && value.length === 0))
  )
}

function cutOutput(schema: unknown): object {
  const { type, anyOf } = asSchema(schema)
  const types = Array.isArray(anyOf) ? anyOf.map((one) => asSchema(one)['type']) : type
  return types === undefined ? {} : { type: types }
}

function mapMembers(members: unknown, change: (schema: unknown) => object): object {
  return Object.fromEntries(Object.entries(asSchema(members)).map(([name, one]) => [name, change(one)]))
}

function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
