import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { parseJson } from '../src/json/parse.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../src/json/value.ts'

const folder = new URL('../golden/', import.meta.url)

/** Bytes of a golden file, named by its path; it may be stored compressed. */
export function goldenBytes(path: string): Buffer {
  const plain = new URL(path, folder)
  return existsSync(plain) ? readFileSync(plain) : gunzipSync(readFileSync(new URL(`${path}.gz`, folder)))
}

/** The rows of a golden JSON file that holds an array of objects, read without loss. */
export function goldenRows(path: string): readonly Row[] {
  return array(parseJson(goldenBytes(path).toString())).map((row) => new Row(row))
}

/** An object of a golden file, with typed fields. A field that is absent or of another type is an error. */
export class Row {
  private readonly object: JsonObject

  constructor(value: JsonValue | undefined) {
    if (!isJsonObject(value)) throw new TypeError('a golden row is not an object')
    this.object = value
  }

  has(name: string): boolean {
    return this.object.has(name)
  }

  value(name: string): JsonValue {
    const value = this.object.get(name)
    if (value === undefined) throw new TypeError(`a golden row has no ${name}`)
    return value
  }

  text(name: string): string {
    return string(this.value(name))
  }

  textOrNull(name: string): string | null {
    const value = this.value(name)
    return value === null ? null : string(value)
  }

  number(name: string): number {
    return Number(this.value(name))
  }

  flag(name: string): boolean {
    return this.value(name) === true
  }

  row(name: string): Row {
    return new Row(this.value(name))
  }

  rows(name: string): readonly Row[] {
    return array(this.value(name)).map((row) => new Row(row))
  }

  texts(name: string): readonly string[] {
    return array(this.value(name)).map(string)
  }
}

export function array(value: JsonValue | undefined): readonly JsonValue[] {
  if (!isJsonArray(value)) throw new TypeError('a golden value is not an array')
  return value
}

export function string(value: JsonValue | undefined): string {
  if (typeof value !== 'string') throw new TypeError('a golden value is not a string')
  return value
}
