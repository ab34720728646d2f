import { Ajv, type Options } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'

/** Says what is wrong with a value; undefined where nothing is. */
export type SchemaCheck = (value: unknown) => string | undefined

/** `format` is a note, not a demand (JSON Schema 2020-12, validation, 7.2.1); schemas with one `$id` do not meet. */
const options: Options = { strict: false, allErrors: true, validateFormats: false, addUsedSchema: false }

/**
 * A compiler of JSON schemas, to be used for all schemas of a list: setting one up takes longer than compiling with it.
 * It throws an Error for a schema that is not valid. The dialect is the one that `$schema` names, draft 7 or 2020-12,
 * and 2020-12 where it names none (MCP, "Tools").
 */
export function schemaCompiler(): (schema: Readonly<Record<string, unknown>>) => SchemaCheck {
  const draft2020 = new Ajv2020(options)
  const draft7 = new Ajv(options)
  return (schema) => {
    const named = schema['$schema']
    const ajv = typeof named === 'string' && named.includes('draft-07') ? draft7 : draft2020
    const validate = ajv.compile(schema)
    return (value) => (validate(value) ? undefined : ajv.errorsText(validate.errors, { dataVar: 'value' }))
  }
}
