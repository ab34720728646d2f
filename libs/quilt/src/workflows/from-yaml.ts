import { isUtf8 } from 'node:buffer'
import { parseDocument } from 'yaml'

import { QuiltError } from '../error.ts'
import type { JsonValue } from '../json/value.ts'

/** Bytes of the longest text that is read. */
const maxBytes = 1024 * 1024

/** How often an anchor may be used: beyond that a few lines can stand for gigabytes. */
const maxAliases = 100

/**
 * The value of a YAML text, as Python's `yaml.safe_load` gives it (YAML 1.1). Throws `workflow-config-invalid` for what is
 * not YAML and for what JSON does not have: dates, bytes, sets, keys that are not strings.
 */
export function fromYaml(bytes: Uint8Array): JsonValue {
  if (bytes.length > maxBytes || !isUtf8(bytes)) throw unreadable(undefined)
  const document = parseDocument(Buffer.from(bytes).toString(), {
    version: '1.1',
    intAsBigInt: true,
    uniqueKeys: false,
    logLevel: 'error'
  })
  const [problem] = [...document.errors, ...document.warnings]
  if (problem !== undefined) throw unreadable(problem)
  try {
    return valueOf(document.toJS({ mapAsMap: true, maxAliasCount: maxAliases }))
  } catch (error) {
    throw error instanceof QuiltError ? error : unreadable(error)
  }
}

function unreadable(cause: unknown): QuiltError {
  return new QuiltError('workflow-config-invalid', "Couldn't parse workflows config as YAML.", { cause })
}

function valueOf(value: unknown): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'bigint':
    case 'number':
      return value
    case 'undefined':
      return null
    default:
      if (value === null) return null
      if (Array.isArray(value)) return value.map(valueOf)
      if (value instanceof Map)
        return new Map(Array.from(value, ([key, member]) => [textOf(key), valueOf(member)]))
      throw new QuiltError(
        'workflow-config-invalid',
        'the workflows config holds a value that JSON does not have'
      )
  }
}

function textOf(key: unknown): string {
  if (typeof key === 'string') return key
  throw new QuiltError(
    'workflow-config-invalid',
    `the workflows config has a key that is not a string: ${String(key)}`
  )
}
