/**
 * A JSON value without loss, as Python's json module sees it.
 *
 * An integer (digits only) is a `bigint`, a float (with `.`, `e` or `E`, and NaN and the infinities) is a `number`:
 * `1` and `1.0` are different values here, as they are in a manifest. An object is a Map: it keeps the order of its
 * keys, integer-like keys and `__proto__` included. A string may hold lone surrogates.
 */
export type JsonValue = null | boolean | string | bigint | number | JsonArray | JsonObject

export type JsonArray = readonly JsonValue[]

export type JsonObject = ReadonlyMap<string, JsonValue>

export const emptyObject: JsonObject = new Map()

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return value instanceof Map
}

export function isJsonArray(value: JsonValue | undefined): value is JsonArray {
  return Array.isArray(value)
}

/** Whether Python takes the value for true: everything but null, false, zero, and what is empty. */
export function isTruthy(value: JsonValue | undefined): boolean {
  if (isJsonObject(value)) return value.size > 0
  if (isJsonArray(value)) return value.length > 0
  // NaN is true in Python and false in JavaScript
  return Boolean(value) || Number.isNaN(value)
}
