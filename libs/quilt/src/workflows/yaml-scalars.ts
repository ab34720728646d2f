import type { JsonValue } from '../json/value.ts'
import { PythonObject } from './python-object.ts'
import { timestamp } from './yaml-timestamp.ts'

/** Digits of the longest decimal that Python makes a number of. */
const maxDigits = 4300

/** What an unmarked text without quotes is; in this order. Source: PyYAML 6.0.3, resolver.py. */
const resolvers: readonly (readonly [tag: string, text: RegExp])[] = [
  ['bool', /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/],
  [
    'float',
    /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/
  ],
  [
    'int',
    /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/
  ],
  ['merge', /^<<$/],
  ['null', /^(?:~|null|Null|NULL|)$/],
  [
    'timestamp',
    /^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)$/
  ],
  ['value', /^=$/]
]

/** The tag of a text without quotes, without the part that all tags of YAML begin with. */
export function plainTag(text: string): string {
  return resolvers.find(([, pattern]) => pattern.test(text))?.[0] ?? 'str'
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['yes', true],
  ['no', false],
  ['true', true],
  ['false', false],
  ['on', true],
  ['off', false]
])

/**
 * The value of a text with a tag; undefined where Python fails. Source: PyYAML 6.0.3, constructor.py (SafeConstructor).
 */
export function scalarValue(tag: string, text: string): JsonValue | undefined {
  switch (tag) {
    case 'str':
      return text
    case 'null':
      return null
    case 'bool':
      return booleans.get(text.toLowerCase())
    case 'int':
      return integer(text.replaceAll('_', ''))
    case 'float':
      return float(text.replaceAll('_', '').toLowerCase())
    case 'timestamp':
      return timestamp(text)
    case 'binary':
      return binary(text)
    default:
      return undefined
  }
}

/** A number without its sign, and the sign. */
function signed(text: string): readonly [digits: string, isNegative: boolean] {
  return [text.replace(/^[-+]/, ''), text.startsWith('-')]
}

function integer(text: string): bigint | undefined {
  const [digits, isNegative] = signed(text)
  const value = unsignedInteger(digits)
  return value !== undefined && isNegative ? -value : value
}

function unsignedInteger(digits: string): bigint | undefined {
  if (/^0b[01]+$/.test(digits) || /^0x[0-9a-f]+$/i.test(digits)) return BigInt(digits)
  if (digits === '0') return 0n
  if (/^0[0-7]*$/.test(digits)) return BigInt(`0o${digits}`)
  const parts = digits.split(':')
  if (!parts.every((part) => /^[0-9]+$/.test(part) && part.length <= maxDigits)) return undefined
  return parts.reduce((sum, part) => sum * 60n + BigInt(part), 0n)
}

function float(text: string): number | undefined {
  const [digits, isNegative] = signed(text)
  const value = unsignedFloat(digits)
  return value !== undefined && isNegative ? -value : value
}

function unsignedFloat(digits: string): number | undefined {
  if (digits === '.inf') return Infinity
  if (digits === '.nan') return NaN
  const parts = digits.split(':')
  if (!parts.every((part) => /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?$/.test(part))) return undefined
  // From the last, as Python adds them up: the sum of floats depends on the order.
  let base = 1
  let value = 0
  for (const part of parts.reverse()) {
    value += Number(part) * base
    base *= 60
  }
  return value
}

/** Base64, of which Python drops what does not belong to it. */
function binary(text: string): PythonObject | undefined {
  if (/[^\0-\x7f]/.test(text)) return undefined
  const [data = ''] = text.replace(/[^A-Za-z0-9+/=]/g, '').split(/(?<==)/)
  if (data.replace('=', '').length % 4 === 1) return undefined
  const bytes = Buffer.from(data, 'base64')
  const quote = bytes.includes("'") && !bytes.includes('"') ? '"' : "'"
  return new PythonObject(`b${quote}${Array.from(bytes, (byte) => byteText(byte, quote)).join('')}${quote}`)
}

const shortBytes: ReadonlyMap<number, string> = new Map([
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x5c, '\\\\']
])

function byteText(byte: number, quote: string): string {
  const character = String.fromCharCode(byte)
  if (character === quote) return `\\${character}`
  if (byte < 0x20 || byte > 0x7e) return shortBytes.get(byte) ?? `\\x${byte.toString(16).padStart(2, '0')}`
  return shortBytes.get(byte) ?? character
}
