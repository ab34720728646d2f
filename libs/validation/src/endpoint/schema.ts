import { Ajv, type ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'

/**
 * Says what is wrong with a value; undefined where nothing is. Throws an Error for a schema that is not valid.
 *
 * The dialect is the one that `$schema` names, draft 7 or 2020-12, and 2020-12 where it names none (MCP, "Tools").
 * `format` is a note there, not a demand.
 */
export function compileSchema(
  schema: Readonly<Record<string, unknown>>
): (value: unknown) => string | undefined {
  const options = { strict: false, allErrors: true, validateFormats: false }
  const draft7 = typeof schema['$schema'] === 'string' && schema['$schema'].includes('draft-07')
  const ajv = draft7 ? new Ajv(options) : new Ajv2020(options)
  const validate: ValidateFunction = ajv.compile(schema)
  return (value) => (validate(value) ? undefined : ajv.errorsText(validate.errors, { dataVar: 'value' }))
}
