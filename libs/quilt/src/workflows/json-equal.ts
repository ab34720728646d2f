import { encodeForHash } from '../json/index.ts'
import { isJsonArray, isJsonObject, type JsonValue } from '../json/value.ts'

/** Equality of JSON Schema: 1 and 1.0 are equal, true and 1 are not, the order of keys does not count. */
export function jsonEqual(a: JsonValue, b: JsonValue): boolean {
  if (isJsonArray(a)) {
    if (!isJsonArray(b) || a.length !== b.length) return false
    return a.every((each, index) => jsonEqual(each, b[index] ?? null))
  }
  if (isJsonObject(a)) {
    if (!isJsonObject(b) || a.size !== b.size) return false
    return [...a].every(([key, member]) => {
      const other = b.get(key)
      return other !== undefined && jsonEqual(member, other)
    })
  }
  if (isNumber(a) && isNumber(b)) return a <= b && a >= b
  return a === b
}

export function isNumber(value: JsonValue): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

/** A text that two values have in common if, and only if, they are equal. */
export function identityOf(value: JsonValue): string {
  return encodeForHash(withWholeFloats(value))
}

function withWholeFloats(value: JsonValue): JsonValue {
  if (isJsonArray(value)) return value.map(withWholeFloats)
  if (isJsonObject(value))
    return new Map(Array.from(value, ([key, member]) => [key, withWholeFloats(member)]))
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value
}
