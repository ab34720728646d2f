import { pythonFloat } from '../json/index.ts'
import { isJsonArray, isJsonObject, type JsonValue } from '../json/value.ts'
import { keyValue, PythonObject } from './python-object.ts'

/** Longer texts are cut: metadata may have megabytes, and a message is for a person. */
const maxLength = 4000

/** A value as Python's `repr` shows it, for messages that read as quilt3's do. Cut after 4,000 characters. */
export function pythonRepr(value: JsonValue): string {
  const text = repr(value)
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
}

function repr(value: JsonValue): string {
  if (typeof value === 'string') return stringRepr(value)
  if (typeof value === 'number') return numberRepr(value)
  if (isJsonArray(value)) return `[${value.map(repr).join(', ')}]`
  if (value instanceof PythonObject) return value.repr
  if (isJsonObject(value))
    return `{${Array.from(value, ([key, member]) => `${repr(keyValue(key))}: ${repr(member)}`).join(', ')}}`
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return String(value)
}

function numberRepr(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  return pythonFloat(value)
}

const shortEscapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Python's repr of a string: single quotes unless only they are in it; what cannot be printed is escaped. */
function stringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const inner = text.replace(/[\\'"]|[\p{C}\p{Z}]/gu, (character) => {
    if (character === ' ' || (character !== quote && (character === "'" || character === '"')))
      return character
    return shortEscapes[character] ?? (character === quote ? `\\${character}` : escapeOf(character))
  })
  return quote + inner + quote
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0
  const digits = code.toString(16)
  if (code < 0x100) return `\\x${digits.padStart(2, '0')}`
  return code < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`
}
