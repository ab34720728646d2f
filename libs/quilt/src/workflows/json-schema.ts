import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts'
import { arrayKeywords } from './schema-keywords/arrays.ts'
import { logicKeywords } from './schema-keywords/logic.ts'
import { objectKeywords } from './schema-keywords/objects.ts'
import { valueKeywords } from './schema-keywords/values.ts'
import { PatternCache } from './pattern-cache.ts'
import { pythonRepr } from './python-repr.ts'

/** What a keyword works with besides its own value and the instance. */
export interface Scope {
  /** The schema that the keyword stands in. */
  readonly schema: JsonObject
  /** What is wrong with a value under another schema, undefined if nothing is. */
  firstError(schema: JsonValue, instance: JsonValue): string | undefined
  /** Whether a Python pattern is found in a text. */
  matches(pattern: string, text: string): boolean
}

/** Says what is wrong with an instance under one keyword, undefined if nothing is. */
export type Keyword = (value: JsonValue, instance: JsonValue, scope: Scope) => string | undefined

const keywords: ReadonlyMap<string, Keyword> = new Map(
  Object.entries({ ...valueKeywords, ...arrayKeywords, ...objectKeywords, ...logicKeywords })
)

/** Checks of formats that are made where they are asked for: by name, whether a text has the format. */
export type Formats = Readonly<Record<string, (text: string) => boolean>>

/**
 * A JSON Schema of draft 7, for values without loss. Keywords are tried in the order that the schema has them and the
 * first error is reported in the words of the Python package jsonschema 4, which quilt3 shows to its users. `$ref` is
 * followed within the schema; `format` counts only for the formats that are given.
 */
export class JsonSchema {
  readonly #root: JsonValue
  readonly #formats: Formats
  readonly #patterns = new PatternCache()

  constructor(root: JsonValue, formats: Formats = {}) {
    this.#root = root
    this.#formats = formats
  }

  /** The first thing that is wrong with a value, undefined if nothing is. */
  firstError(instance: JsonValue): string | undefined {
    return this.#check(this.#root, instance)
  }

  #check(schema: JsonValue, instance: JsonValue): string | undefined {
    if (schema === false) return `False schema does not allow ${pythonRepr(instance)}`
    if (!isJsonObject(schema)) return undefined
    const reference = schema.get('$ref')
    if (typeof reference === 'string') return this.#check(this.#resolve(reference), instance)
    const scope: Scope = {
      schema,
      firstError: (each, value) => this.#check(each, value),
      matches: (pattern, text) => this.#patterns.get(pattern).search(text)
    }
    for (const [name, value] of schema) {
      const error =
        name === 'format' ? this.#format(value, instance) : keywords.get(name)?.(value, instance, scope)
      if (error !== undefined) return error
    }
    return undefined
  }

  #format(format: JsonValue, instance: JsonValue): string | undefined {
    if (typeof format !== 'string' || typeof instance !== 'string') return undefined
    const check = Object.hasOwn(this.#formats, format) ? this.#formats[format] : undefined
    if (check === undefined || check(instance)) return undefined
    return `${pythonRepr(instance)} is not a ${pythonRepr(format)}`
  }

  /** A schema of this document, by a reference such as `#/definitions/x`. */
  #resolve(reference: string): JsonValue {
    const path = reference.replace(/^#\/?/, '')
    let schema: JsonValue = this.#root
    for (const part of path === '' ? [] : path.split('/')) {
      const member = isJsonObject(schema)
        ? schema.get(part)
        : isJsonArray(schema)
          ? schema[Number(part)]
          : undefined
      schema = member ?? true
    }
    return schema
  }
}
