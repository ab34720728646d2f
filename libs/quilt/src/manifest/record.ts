import { ManifestEntry } from '../entry.ts'
import { isQuiltError, QuiltError } from '../error.ts'
import { parseJson } from '../json/parse.ts'
import { isJsonArray, isJsonObject, isTruthy, type JsonObject, type JsonValue } from '../json/value.ts'
import { parsePhysicalKey } from '../physical-key.ts'
import type { Entry } from '../types.ts'
import type { Line } from './line-splitter.ts'

/** A line of a manifest after the first. */
export type ManifestRecord =
  | { readonly kind: 'entry'; readonly line: number; readonly path: readonly string[]; readonly entry: Entry }
  | {
      readonly kind: 'metadata'
      readonly line: number
      /** The key as the line has it, split. The metadata belongs to what is above its last part. */
      readonly path: readonly string[]
      readonly meta: JsonValue
    }

/**
 * The header of a manifest, from its first line: an object, in its own order, without the obsolete `top_hash`. Its
 * `version` is not checked, as in quilt3.
 *
 * Throws QuiltError `manifest-invalid-header` or `json-too-deep`.
 */
export function parseHeader({ text }: Pick<Line, 'text'>): JsonObject {
  const header = parseLine(text, 1, 'manifest-invalid-header')
  if (!isJsonObject(header))
    throw new QuiltError('manifest-invalid-header', `line 1 is ${nameOf(header)}, expected an object`, {
      line: 1
    })
  if (!header.has('top_hash')) return header
  return new Map([...header].filter(([key]) => key !== 'top_hash'))
}

/**
 * What a line after the first says (quilt3 8.0.0, packages.py `Package._load`): an entry, or without physical keys the
 * metadata of a folder. Keys, sizes and hashes are not validated; unknown fields are dropped.
 *
 * Throws QuiltError `manifest-invalid-record`, `invalid-physical-key` or `json-too-deep`, with the line.
 */
export function parseRecord({ text, number: line }: Pick<Line, 'text' | 'number'>): ManifestRecord {
  const record = parseLine(text, line, 'manifest-invalid-record')
  if (!isJsonObject(record)) throw invalid(`is ${nameOf(record)}, expected an object`, line)
  const path = splitKey(field(record, 'logical_key', line), line)
  const physicalKeys = record.get('physical_keys')
  if (!isTruthy(physicalKeys)) return { kind: 'metadata', line, path, meta: field(record, 'meta', line) }
  const url = isJsonArray(physicalKeys) ? physicalKeys[0] : physicalKeys
  if (!isJsonArray(physicalKeys) || typeof url !== 'string')
    throw invalid('has physical_keys that do not start with a string', line)
  const key = path.join('/')
  return {
    kind: 'entry',
    line,
    path,
    entry: new ManifestEntry(key, physicalKeyAt(url, line, key), {
      size: field(record, 'size', line),
      hash: field(record, 'hash', line),
      meta: field(record, 'meta', line)
    })
  }
}

function parseLine(
  text: string,
  line: number,
  code: 'manifest-invalid-header' | 'manifest-invalid-record'
): JsonValue {
  try {
    return parseJson(text)
  } catch (error) {
    if (isQuiltError(error, 'invalid-json'))
      throw new QuiltError(code, `line ${line}: ${error.message}`, {
        line,
        ...(error.position === undefined ? {} : { position: error.position }),
        cause: error
      })
    throw isQuiltError(error) ? error.at({ line }) : error
  }
}

function physicalKeyAt(url: string, line: number, key: string): Entry['physicalKey'] {
  try {
    return parsePhysicalKey(url)
  } catch (error) {
    throw isQuiltError(error) ? error.at({ line, key }) : error
  }
}

function field(record: JsonObject, name: string, line: number): JsonValue {
  const value = record.get(name)
  if (value === undefined) throw invalid(`has no ${name}`, line)
  return value
}

// quilt3 takes a list of parts too, and does not look into them; parts that are no strings are refused here
function splitKey(key: JsonValue, line: number): readonly string[] {
  if (typeof key === 'string') return key.split('/')
  if (isJsonArray(key) && key.length > 0 && key.every((part) => typeof part === 'string')) return key
  throw invalid(`has ${nameOf(key)} for a logical_key, expected a string`, line)
}

function invalid(reason: string, line: number): QuiltError {
  return new QuiltError('manifest-invalid-record', `line ${line} ${reason}`, { line })
}

function nameOf(value: JsonValue): string {
  if (value === null) return 'null'
  if (isJsonArray(value)) return 'an array'
  if (isJsonObject(value)) return 'an object'
  return typeof value === 'string' ? 'a string' : typeof value === 'boolean' ? 'a boolean' : 'a number'
}
