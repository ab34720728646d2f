import { QuiltError, quoted } from '../error.ts'
import { compareCodePoints } from './code-points.ts'
import { pythonFloat } from './python-float.ts'
import { isJsonArray, isJsonObject, type JsonValue } from './value.ts'

/**
 * The value as quilt3 writes it to a manifest: Python's `JSONEncoder(ensure_ascii=False, allow_nan=False)`, with `", "`
 * and `": "`, keys in their own order, characters above U+007E as they are.
 *
 * Throws QuiltError `json-not-encodable` for NaN, infinities and half a surrogate pair.
 */
export function encodeForManifest(value: JsonValue): string {
  if (typeof value === 'string') return manifestString(value)
  if (isJsonArray(value)) return `[${value.map(encodeForManifest).join(', ')}]`
  if (isJsonObject(value)) {
    let members = ''
    for (const [key, member] of value)
      members += `${members === '' ? '' : ', '}${manifestString(key)}: ${encodeForManifest(member)}`
    return `{${members}}`
  }
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new QuiltError('json-not-encodable', `${value} cannot be written to a manifest`)
  return scalar(value)
}

/**
 * The value as quilt3 hashes it: Python's `JSONEncoder(sort_keys=True, separators=(",", ":"))`, ASCII only, keys sorted
 * by code point at every level. Everything that can be parsed can be encoded.
 */
export function encodeForHash(value: JsonValue): string {
  if (typeof value === 'string') return hashString(value)
  if (isJsonArray(value)) return `[${value.map(encodeForHash).join(',')}]`
  if (isJsonObject(value)) {
    const members = [...value].sort(([a], [b]) => compareCodePoints(a, b))
    return `{${members.map(([key, member]) => `${hashString(key)}:${encodeForHash(member)}`).join(',')}}`
  }
  return scalar(value)
}

function scalar(value: null | boolean | bigint | number): string {
  return typeof value === 'number' ? pythonFloat(value) : String(value)
}

function manifestString(value: string): string {
  if (!value.isWellFormed())
    throw new QuiltError('json-not-encodable', `${quoted(value)} holds half a surrogate pair`)
  // JSON.stringify escapes exactly what Python escapes
  return JSON.stringify(value)
}

function hashString(value: string): string {
  return JSON.stringify(value).replace(
    /[\x7f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
}
