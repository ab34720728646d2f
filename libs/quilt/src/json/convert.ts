import { QuiltError } from '../error.ts'
import { isJsonArray, isJsonObject, type JsonValue } from './value.ts'

/**
 * A plain JavaScript value as a JsonValue: whole numbers up to 2^53 become integers, other numbers floats; object keys
 * keep their order as far as JavaScript does; members that are undefined are left out.
 *
 * Throws QuiltError `invalid-json` for what JSON cannot hold: functions, symbols, dates and other class instances.
 */
export function fromPlain(value: unknown): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return value
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(value) : value
    case 'object':
      return value === null ? null : fromObject(value)
    default:
      throw new QuiltError('invalid-json', `a ${typeof value} is not a JSON value`)
  }
}

function fromObject(value: object): JsonValue {
  if (Array.isArray(value)) return value.map(fromPlain)
  const entries = value instanceof Map ? [...value] : plainEntries(value)
  return new Map(
    entries.flatMap(([key, member]) =>
      member === undefined ? [] : [[String(key), fromPlain(member)] as const]
    )
  )
}

function plainEntries(value: object): [unknown, unknown][] {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null)
    throw new QuiltError('invalid-json', `an object of class ${value.constructor.name} is not a JSON value`)
  return Object.entries(value)
}

/**
 * A JsonValue as a plain JavaScript value, for showing it: integers within 2^53 become numbers, larger ones and NaN
 * and the infinities strings. Keys that look like integers move to the front, as in every JavaScript object.
 */
export function toPlain(value: JsonValue): unknown {
  if (isJsonObject(value))
    return Object.fromEntries(Array.from(value, ([key, member]) => [key, toPlain(member)]))
  if (isJsonArray(value)) return value.map(toPlain)
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : String(value)
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return value
}
