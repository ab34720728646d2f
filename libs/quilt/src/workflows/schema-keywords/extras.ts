import type { JsonValue } from '../../json/value.ts'
import { pythonRepr } from '../python-repr.ts'

/** `'a' was` or `'a', 'b' were`. */
export function unexpected(extras: readonly JsonValue[]): string {
  return `${extras.map(pythonRepr).join(', ')} ${extras.length === 1 ? 'was' : 'were'}`
}
