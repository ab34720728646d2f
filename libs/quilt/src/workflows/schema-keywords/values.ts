import { isJsonArray, isJsonObject, type JsonValue } from '../../json/value.ts'
import { isNumber, jsonEqual } from '../json-equal.ts'
import type { Keyword } from '../json-schema.ts'
import { PythonObject } from '../python-object.ts'
import { pythonRepr } from '../python-repr.ts'

/** Keywords of any value, of numbers and of strings. */
export const valueKeywords = {
  type: (types, instance) => {
    const names = isJsonArray(types) ? types : [types]
    if (names.some((name) => isType(instance, name))) return undefined
    return `${pythonRepr(instance)} is not of type ${names.map(pythonRepr).join(', ')}`
  },
  enum: (values, instance) =>
    !isJsonArray(values) || values.some((value) => jsonEqual(value, instance))
      ? undefined
      : `${pythonRepr(instance)} is not one of ${pythonRepr(values)}`,
  const: (value, instance) => (jsonEqual(value, instance) ? undefined : `${pythonRepr(value)} was expected`),

  minimum: compared((instance, bound) => instance < bound, 'is less than the minimum of'),
  maximum: compared((instance, bound) => instance > bound, 'is greater than the maximum of'),
  exclusiveMinimum: compared(
    (instance, bound) => instance <= bound,
    'is less than or equal to the minimum of'
  ),
  exclusiveMaximum: compared(
    (instance, bound) => instance >= bound,
    'is greater than or equal to the maximum of'
  ),
  multipleOf: (divisor, instance) =>
    !isNumber(instance) || !isNumber(divisor) || isMultiple(instance, divisor)
      ? undefined
      : `${pythonRepr(instance)} is not a multiple of ${pythonRepr(divisor)}`,

  minLength: (least, instance) =>
    typeof instance === 'string' && isNumber(least) && lengthOf(instance) < least
      ? `${pythonRepr(instance)} ${isOne(least) ? 'should be non-empty' : 'is too short'}`
      : undefined,
  maxLength: (most, instance) =>
    typeof instance === 'string' && isNumber(most) && lengthOf(instance) > most
      ? `${pythonRepr(instance)} ${isZero(most) ? 'is expected to be empty' : 'is too long'}`
      : undefined,
  pattern: (pattern, instance, { matches }) =>
    typeof instance !== 'string' || typeof pattern !== 'string' || matches(pattern, instance)
      ? undefined
      : `${pythonRepr(instance)} does not match ${pythonRepr(pattern)}`
} as const satisfies Record<string, Keyword>

export function isOne(value: number | bigint): boolean {
  return value <= 1 && value >= 1
}

export function isZero(value: number | bigint): boolean {
  return value <= 0 && value >= 0
}

function compared(
  isWrong: (instance: number | bigint, bound: number | bigint) => boolean,
  words: string
): Keyword {
  return (bound, instance) =>
    isNumber(instance) && isNumber(bound) && isWrong(instance, bound)
      ? `${pythonRepr(instance)} ${words} ${pythonRepr(bound)}`
      : undefined
}

/** Code points, as Python counts. */
function lengthOf(text: string): number {
  return Array.from(text).length
}

/** Python divides as floats by a float, and takes the remainder otherwise. */
function isMultiple(value: number | bigint, divisor: number | bigint): boolean {
  if (typeof divisor === 'bigint' && typeof value === 'bigint') return value % divisor === 0n
  if (typeof divisor === 'bigint') return value === Infinity ? false : Number(value) % Number(divisor) === 0
  const quotient = Number(value) / divisor
  return Number.isFinite(quotient) ? Number.isInteger(quotient) : Number(value) % divisor === 0
}

function isType(value: JsonValue, name: JsonValue): boolean {
  switch (name) {
    case 'null':
      return value === null
    case 'boolean':
      return typeof value === 'boolean'
    case 'string':
      return typeof value === 'string'
    case 'number':
      return isNumber(value)
    case 'integer':
      return typeof value === 'bigint' || Number.isInteger(value)
    case 'array':
      return isJsonArray(value)
    case 'object':
      return isJsonObject(value) && !(value instanceof PythonObject)
    default:
      return false
  }
}
