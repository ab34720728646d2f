import { compareCodePoints } from '../../json/index.ts'
import { isJsonArray, isJsonObject, isTruthy, type JsonObject } from '../../json/value.ts'
import { isNumber } from '../json-equal.ts'
import type { Keyword, Scope } from '../json-schema.ts'
import { keyText, keyValue } from '../python-object.ts'
import { pythonRepr } from '../python-repr.ts'
import { first } from './arrays.ts'
import { unexpected } from './extras.ts'
import { isOne, isZero } from './values.ts'

/** Keywords of objects. */
export const objectKeywords = {
  properties: (properties, instance, { firstError }) => {
    if (!isJsonObject(instance) || !isJsonObject(properties)) return undefined
    return first(properties, ([name, schema]) => {
      const member = instance.get(name)
      return member === undefined ? undefined : firstError(schema, member)
    })
  },
  patternProperties: (patterns, instance, { firstError, matches }) => {
    if (!isJsonObject(instance) || !isJsonObject(patterns)) return undefined
    return first(patterns, ([pattern, schema]) =>
      first(instance, ([name, member]) => (matches(pattern, name) ? firstError(schema, member) : undefined))
    )
  },
  additionalProperties: (schema, instance, scope) => {
    if (!isJsonObject(instance)) return undefined
    const extras = additional(instance, scope)
    if (isJsonObject(schema))
      return first(extras, (name) => scope.firstError(schema, instance.get(name) ?? null))
    if (isTruthy(schema) || extras.length === 0) return undefined
    const sorted = [...extras].sort((a, b) => compareCodePoints(keyText(a), keyText(b)))
    const patterns = scope.schema.get('patternProperties')
    if (!isJsonObject(patterns))
      return `Additional properties are not allowed (${unexpected(sorted.map(keyValue))} unexpected)`
    const known = [...patterns.keys()].sort(compareCodePoints).map(pythonRepr).join(', ')
    const verb = sorted.length === 1 ? 'does' : 'do'
    return `${sorted.map(pythonRepr).join(', ')} ${verb} not match any of the regexes: ${known}`
  },
  propertyNames: (schema, instance, { firstError }) =>
    isJsonObject(instance) ? first(instance.keys(), (name) => firstError(schema, keyValue(name))) : undefined,
  required: (names, instance) => {
    if (!isJsonObject(instance) || !isJsonArray(names)) return undefined
    const missing = names.find((name) => typeof name === 'string' && !instance.has(name))
    return missing === undefined ? undefined : `${pythonRepr(missing)} is a required property`
  },
  minProperties: (least, instance) =>
    isJsonObject(instance) && isNumber(least) && instance.size < least
      ? `${pythonRepr(instance)} ${isOne(least) ? 'should be non-empty' : 'does not have enough properties'}`
      : undefined,
  maxProperties: (most, instance) =>
    isJsonObject(instance) && isNumber(most) && instance.size > most
      ? `${pythonRepr(instance)} ${isZero(most) ? 'is expected to be empty' : 'has too many properties'}`
      : undefined,
  dependencies: (dependencies, instance, { firstError }) => {
    if (!isJsonObject(instance) || !isJsonObject(dependencies)) return undefined
    return first(dependencies, ([name, dependency]) => {
      if (!instance.has(name)) return undefined
      if (!isJsonArray(dependency)) return firstError(dependency, instance)
      const missing = dependency.find((each) => typeof each === 'string' && !instance.has(each))
      return missing === undefined
        ? undefined
        : `${pythonRepr(missing)} is a dependency of ${pythonRepr(name)}`
    })
  }
} as const satisfies Record<string, Keyword>

/** The properties that neither `properties` nor `patternProperties` of the same schema speak of. */
function additional(instance: JsonObject, { schema, matches }: Scope): readonly string[] {
  const properties = schema.get('properties')
  const patterns = schema.get('patternProperties')
  const known = isJsonObject(patterns) ? [...patterns.keys()] : []
  return [...instance.keys()].filter(
    (name) =>
      !(isJsonObject(properties) && properties.has(name)) && !known.some((pattern) => matches(pattern, name))
  )
}
