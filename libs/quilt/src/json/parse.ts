import { QuiltError } from '../error.ts'
import type { JsonArray, JsonObject, JsonValue } from './value.ts'

/** Levels of arrays and objects that the Python client still loads from a manifest line (measured with CPython 3.11). */
export const maxDepth = 993

/** Digits of an integer that Python still reads (its `sys.int_info.default_max_str_digits`). */
export const maxIntegerDigits = 4300

/**
 * The value of a JSON text, without loss, as Python's json module reads it: NaN and the infinities are allowed, of a
 * repeated key the last value counts at the place of the first one; raw control characters in strings, a byte order
 * mark and trailing commas are refused.
 *
 * Throws QuiltError `invalid-json` with the position, or `json-too-deep` from 994 levels on.
 */
export function parseJson(text: string): JsonValue {
  const parser = new Parser(text)
  const value = parser.value(0)
  parser.space()
  if (parser.position < text.length) throw parser.unexpected('the end of the text')
  return value
}

const quote = 0x22
const backslash = 0x5c

class Parser {
  position = 0
  private readonly text: string

  constructor(text: string) {
    this.text = text
  }

  value(depth: number): JsonValue {
    this.space()
    switch (this.text.charCodeAt(this.position)) {
      case quote:
        return this.string()
      case 0x7b:
        return this.object(this.deeper(depth))
      case 0x5b:
        return this.array(this.deeper(depth))
      case 0x74:
        return this.word('true', true)
      case 0x66:
        return this.word('false', false)
      case 0x6e:
        return this.word('null', null)
      case 0x4e:
        return this.word('NaN', Number.NaN)
      case 0x49:
        return this.word('Infinity', Number.POSITIVE_INFINITY)
      default:
        return this.number()
    }
  }

  space(): void {
    for (;;) {
      const unit = this.text.charCodeAt(this.position)
      if (unit !== 0x20 && unit !== 0x09 && unit !== 0x0a && unit !== 0x0d) return
      this.position++
    }
  }

  unexpected(expected: string): QuiltError {
    const unit = this.text.charAt(this.position)
    const found = unit === '' ? 'the end of the text' : JSON.stringify(unit)
    return new QuiltError(
      'invalid-json',
      `invalid JSON at character ${this.position}: ${found} where ${expected} was expected`,
      { position: this.position }
    )
  }

  private deeper(depth: number): number {
    if (depth < maxDepth) return depth + 1
    throw new QuiltError('json-too-deep', `more than ${maxDepth} levels of arrays and objects`, {
      position: this.position
    })
  }

  private word<T extends JsonValue>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.position)) throw this.unexpected('a value')
    this.position += word.length
    return value
  }

  private object(depth: number): JsonObject {
    const members = new Map<string, JsonValue>()
    this.position++
    this.space()
    if (this.take(0x7d)) return members
    for (;;) {
      this.space()
      if (this.text.charCodeAt(this.position) !== quote) throw this.unexpected('a key in double quotes')
      const key = this.string()
      this.space()
      if (!this.take(0x3a)) throw this.unexpected('":"')
      members.set(key, this.value(depth))
      this.space()
      if (this.take(0x7d)) return members
      if (!this.take(0x2c)) throw this.unexpected('"," or "}"')
    }
  }

  private array(depth: number): JsonArray {
    const items: JsonValue[] = []
    this.position++
    this.space()
    if (this.take(0x5d)) return items
    for (;;) {
      items.push(this.value(depth))
      this.space()
      if (this.take(0x5d)) return items
      if (!this.take(0x2c)) throw this.unexpected('"," or "]"')
    }
  }

  private take(unit: number): boolean {
    if (this.text.charCodeAt(this.position) !== unit) return false
    this.position++
    return true
  }

  private string(): string {
    const start = ++this.position
    for (;;) {
      const unit = this.text.charCodeAt(this.position)
      if (unit === quote) return this.text.slice(start, this.position++)
      if (unit === backslash) return this.text.slice(start, this.position) + this.escaped()
      if (!(unit >= 0x20)) throw this.unexpected('a character of a string or "\\""')
      this.position++
    }
  }

  /** The rest of a string from its first escape on. */
  private escaped(): string {
    let out = ''
    let start = this.position
    for (;;) {
      const unit = this.text.charCodeAt(this.position)
      if (unit === quote) return out + this.text.slice(start, this.position++)
      if (unit === backslash) {
        out += this.text.slice(start, this.position) + this.escape()
        start = this.position
      } else if (unit >= 0x20) this.position++
      else throw this.unexpected('a character of a string or "\\""')
    }
  }

  private escape(): string {
    const kind = this.text.charAt(++this.position)
    if (kind === 'u') {
      const digits = this.text.slice(this.position + 1, this.position + 5)
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.unexpected('\\u and four hexadecimal digits')
      this.position += 5
      return String.fromCharCode(Number.parseInt(digits, 16))
    }
    const character = escapes.get(kind)
    if (character === undefined) throw this.unexpected('an escape sequence')
    this.position++
    return character
  }

  private number(): bigint | number {
    numberSyntax.lastIndex = this.position
    const match = numberSyntax.exec(this.text)
    if (match === null) return this.word('-Infinity', Number.NEGATIVE_INFINITY)
    const text = match[0]
    if (match[1] !== undefined) {
      this.position += text.length
      return Number(text)
    }
    if (text.length > maxIntegerDigits && text.replace('-', '').length > maxIntegerDigits)
      throw new QuiltError('invalid-json', `an integer of more than ${maxIntegerDigits} digits`, {
        position: this.position
      })
    this.position += text.length
    return BigInt(text)
  }
}

// group 1 makes it a float
const numberSyntax = /-?(?:0|[1-9]\d*)(\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)?/y

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t']
])
