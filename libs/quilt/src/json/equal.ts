import { isJsonArray, isJsonObject, type JsonValue } from './value.ts'

/**
 * Whether Python takes two loaded values for equal: `1 == 1.0 == True`, objects whatever the order of their keys.
 * Python's json module has one NaN object, and containers compare by identity first: NaN equals itself inside of
 * arrays and objects, and not on its own.
 */
export function pythonEqual(a: JsonValue, b: JsonValue): boolean {
  if (isJsonObject(a)) {
    if (!isJsonObject(b) || a.size !== b.size) return false
    for (const [key, member] of a) {
      const other = b.get(key)
      if (other === undefined || !memberEqual(member, other)) return false
    }
    return true
  }
  if (isJsonArray(a))
    return (
      isJsonArray(b) && a.length === b.length && a.every((item, index) => memberEqual(item, b[index] ?? null))
    )
  if (isNumeric(a)) return isNumeric(b) && numericEqual(a, b)
  return a === b
}

function memberEqual(a: JsonValue, b: JsonValue): boolean {
  return (Number.isNaN(a) && Number.isNaN(b)) || pythonEqual(a, b)
}

function isNumeric(value: JsonValue): value is boolean | bigint | number {
  return typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean'
}

function numericEqual(a: boolean | bigint | number, b: boolean | bigint | number): boolean {
  const left = typeof a === 'boolean' ? Number(a) : a
  const right = typeof b === 'boolean' ? Number(b) : b
  // the loose comparison of a bigint with a number is exact, without rounding: neither > nor < means equal
  return left <= right && left >= right
}
