import type { JsonValue } from '../json/value.ts'

/**
 * A value that Python has and JSON does not, such as a date: all that is known of it is how Python shows it. It stands
 * in a JsonValue as an object without members, which is of no JSON type in a schema.
 */
export class PythonObject extends Map<string, JsonValue> {
  readonly repr: string

  constructor(repr: string) {
    super()
    this.repr = repr
  }
}

/** Before the text of a key that is not a string; no text of UTF-8 has it. */
const mark = '\udfff'

/** A key that is not a string, such as a number, as a key of an object. */
export function otherKey(repr: string): string {
  return mark + repr
}

export function isOtherKey(key: string): boolean {
  return key.startsWith(mark)
}

/** A key without the mark. */
export function keyText(key: string): string {
  return isOtherKey(key) ? key.slice(mark.length) : key
}

/** What a key of an object is to a schema: a text, or what is none. */
export function keyValue(key: string): JsonValue {
  return isOtherKey(key) ? new PythonObject(keyText(key)) : key
}
