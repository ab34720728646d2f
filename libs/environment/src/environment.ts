import { CodedError } from '@fast-mcp/errors'
import { z } from 'zod'

export type EnvironmentSource = Readonly<Record<string, string | undefined>>

export interface VariableMeta {
  /** One sentence for --help and the README. */
  readonly description: string
  /** What is accepted, in words; stands in the error message. */
  readonly accepts: string
  /** What holds where the variable is unset, in words; omitted where the schema's own default says it. */
  readonly unset?: string
  /** The value is never printed. */
  readonly secret?: boolean
}

const metadata = z.registry<VariableMeta>()

/**
 * Marks a zod schema as an environment variable. The schema reads `string | undefined` (an empty value counts as
 * unset) and gives the typed value; put `.default()` or `.optional()` on it before.
 */
export function variable<S extends z.ZodType>(schema: S, meta: VariableMeta): S {
  const marked = schema.clone()
  metadata.add(marked, meta)
  return marked
}

/** The description of a variable made by `variable()`. Throws for a schema that was not. */
export function metaOf(name: string, schema: z.ZodType): VariableMeta {
  const meta = metadata.get(schema)
  if (meta === undefined) throw new TypeError(`${name} is not declared with variable()`)
  return meta
}

/** What a source holds: the typed values, or what is wrong with each variable that is not accepted, by its name. */
export type EnvironmentReading<S extends z.ZodRawShape> =
  | { readonly accepted: true; readonly values: z.output<z.ZodObject<S>> }
  | { readonly accepted: false; readonly wrong: ReadonlyMap<string, string> }

/** Reads all variables in the schema and throws nothing. Variables the schema does not name are left alone. */
export function readEnvironment<S extends z.ZodRawShape>(
  schema: z.ZodObject<S>,
  source: EnvironmentSource
): EnvironmentReading<S> {
  const given = Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => {
      const value = source[name]?.trim()
      return value === undefined || value === '' ? [] : [[name, value]]
    })
  )
  const result = schema.safeParse(given)
  if (result.success) return { accepted: true, values: result.data }
  const names = new Set(result.error.issues.map((issue) => String(issue.path[0])))
  const lines = [...names].map((name) => {
    const field: unknown = schema.shape[name]
    const meta = field instanceof z.ZodType ? metaOf(name, field) : undefined
    const read = given[name] === undefined ? 'unset' : meta?.secret ? '(secret)' : JSON.stringify(given[name])
    return [name, `${name} is ${read}; accepted: ${meta?.accepts ?? 'see --help'}`] as const
  })
  return { accepted: false, wrong: new Map(lines) }
}

/**
 * The typed values of all variables in the schema.
 *
 * Throws CodedError `invalid-environment` that lists every wrong variable at once: its name, what was read (never a
 * secret) and what is accepted.
 */
export function parseEnvironment<S extends z.ZodRawShape>(
  schema: z.ZodObject<S>,
  source: EnvironmentSource
): z.output<z.ZodObject<S>> {
  const reading = readEnvironment(schema, source)
  if (reading.accepted) return reading.values
  throw new CodedError('invalid-environment', [...reading.wrong.values()].join('\n'), {
    remedy: `Correct or unset ${[...reading.wrong.keys()].join(', ')}; --help lists all variables.`
  })
}
