import { isJsonArray } from '../../json/value.ts'
import type { Keyword } from '../json-schema.ts'
import { pythonRepr } from '../python-repr.ts'
import { first } from './arrays.ts'

/** Keywords that combine schemas. */
export const logicKeywords = {
  allOf: (schemas, instance, { firstError }) =>
    isJsonArray(schemas) ? first(schemas, (schema) => firstError(schema, instance)) : undefined,
  anyOf: (schemas, instance, { firstError }) =>
    !isJsonArray(schemas) || schemas.some((schema) => firstError(schema, instance) === undefined)
      ? undefined
      : `${pythonRepr(instance)} is not valid under any of the given schemas`,
  oneOf: (schemas, instance, { firstError }) => {
    if (!isJsonArray(schemas)) return undefined
    const [valid, ...others] = schemas.filter((schema) => firstError(schema, instance) === undefined)
    if (valid === undefined) return `${pythonRepr(instance)} is not valid under any of the given schemas`
    if (others.length === 0) return undefined
    return `${pythonRepr(instance)} is valid under each of ${[...others, valid].map(pythonRepr).join(', ')}`
  },
  not: (schema, instance, { firstError }) =>
    firstError(schema, instance) === undefined
      ? `${pythonRepr(instance)} should not be valid under ${pythonRepr(schema)}`
      : undefined,
  if: (condition, instance, { schema, firstError }) => {
    const branch = schema.get(firstError(condition, instance) === undefined ? 'then' : 'else')
    return branch === undefined ? undefined : firstError(branch, instance)
  }
} as const satisfies Record<string, Keyword>
