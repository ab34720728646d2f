import { z } from 'zod'

/** One argument or one member of a result. */
export interface SchemaRow {
  /** Members of members with dots, items of lists with `[]`. */
  readonly name: string
  readonly type: string
  readonly required: boolean
  /** As JSON. */
  readonly defaultValue: string | undefined
  readonly description: string
}

/** What this page needs of a JSON schema. */
interface Schema {
  readonly type?: string | string[] | undefined
  readonly const?: unknown
  readonly enum?: string[] | undefined
  readonly description?: string | undefined
  readonly default?: unknown
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
  readonly properties?: Record<string, Schema> | undefined
  readonly required?: string[] | undefined
  readonly items?: Schema | undefined
  readonly anyOf?: Schema[] | undefined
  readonly oneOf?: Schema[] | undefined
}

const jsonSchema: z.ZodType<Schema> = z.lazy(() =>
  z.looseObject({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    enum: z.array(z.string()).optional(),
    description: z.string().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    properties: z.record(z.string(), jsonSchema).optional(),
    required: z.array(z.string()).optional(),
    items: jsonSchema.optional(),
    anyOf: z.array(jsonSchema).optional(),
    oneOf: z.array(jsonSchema).optional()
  })
)

/** Every argument or member that a schema describes, outer before inner, in its order. */
export function schemaRows(schema: z.ZodType, io: 'input' | 'output'): readonly SchemaRow[] {
  return rowsBelow('', jsonSchema.parse(z.toJSONSchema(schema, { io })))
}

function rowsBelow(prefix: string, { properties = {}, required = [] }: Schema): readonly SchemaRow[] {
  return Object.entries(properties).flatMap(([key, one]) => {
    const name = `${prefix}${key}`
    const row = {
      name,
      type: typeOf(one),
      required: required.includes(key),
      defaultValue: one.default === undefined ? undefined : JSON.stringify(one.default),
      description: one.description ?? ''
    }
    return [row, ...inside(name, one)]
  })
}

/** What is in an object, or in the items of a list; members that variants share are shown once. */
function inside(name: string, schema: Schema): readonly SchemaRow[] {
  if (schema.properties !== undefined) return rowsBelow(`${name}.`, schema)
  if (schema.items === undefined) return []
  const variants = schema.items.oneOf ?? [schema.items]
  const rows = variants.flatMap((variant) => rowsBelow(`${name}[].`, variant))
  return rows.filter((row, index) => rows.findIndex((other) => other.name === row.name) === index)
}

function typeOf({ type, enum: values, minimum, maximum, items, ...rest }: Schema): string {
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(', ')
  if (typeof rest.const === 'string') return `\`${rest.const}\``
  if (type === 'array') return `list of ${plural(items)}`
  const anyOf = rest.anyOf?.map(typeOf).join(' or ')
  const name = anyOf ?? (Array.isArray(type) ? type.join(' or ') : (type ?? 'any'))
  if (minimum === undefined || minimum === Number.MIN_SAFE_INTEGER) return name
  const upTo =
    maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? ' or more' : ` to ${String(maximum)}`
  return `${name}, ${String(minimum)}${upTo}`
}

function plural(items: Schema | undefined): string {
  if (items?.oneOf !== undefined || items?.type === 'object') return 'objects'
  return typeof items?.type === 'string' ? `${items.type}s` : 'values'
}
