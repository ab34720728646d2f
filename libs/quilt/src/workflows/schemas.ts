import { isQuiltError, QuiltError } from '../error.ts'
import { parseJson } from '../json/index.ts'
import { isJsonArray, isJsonObject, type JsonValue } from '../json/value.ts'
import { formatPhysicalKey, parsePhysicalKey } from '../physical-key.ts'
import type { CallOptions, PhysicalKey } from '../types.ts'
import { schemaError } from './draft-7.ts'
import { pythonRepr } from './python-repr.ts'

/** Reads a small object whole, and says which version it was. Throws `object-not-found` and the like. */
export type ReadObject = (
  key: PhysicalKey,
  options: CallOptions
) => Promise<{ readonly bytes: Uint8Array; readonly physicalKey: PhysicalKey }>

const draft7 = 'http://json-schema.org/draft-07/schema#'

interface LoadedSchema {
  /** The schema as it was read. */
  readonly text: string
  /** Where it was read from, with its version. */
  readonly address: string
}

/** The schemas that a workflow uses, each read once. */
export class WorkflowSchemas {
  readonly #addresses: ReadonlyMap<string, string>
  readonly #isRemote: boolean
  readonly #read: ReadObject
  readonly #byId = new Map<string, LoadedSchema>()
  readonly #byAddress = new Map<string, LoadedSchema>()

  constructor(addresses: ReadonlyMap<string, string>, isRemote: boolean, read: ReadObject) {
    this.#addresses = addresses
    this.#isRemote = isRemote
    this.#read = read
  }

  /** Addresses of the schemas that were loaded, by id, in the order of their loading. */
  get loaded(): ReadonlyMap<string, string> {
    return new Map(Array.from(this.#byId, ([id, { address }]) => [id, address]))
  }

  /** The text of a valid schema. Throws `workflow-config-invalid` with the messages of quilt3 8.0.0 (workflows/__init__.py). */
  async load(id: string, options: CallOptions): Promise<string> {
    const known = this.#byId.get(id)
    if (known !== undefined) return known.text
    const physicalKey = this.#locate(id)
    const address = formatPhysicalKey(physicalKey)
    const loaded = this.#byAddress.get(address) ?? (await this.#fetch(id, physicalKey, address, options))
    this.#byAddress.set(address, loaded)
    this.#byId.set(id, loaded)
    return loaded.text
  }

  #locate(id: string): PhysicalKey {
    const url = this.#addresses.get(id)
    if (url === undefined) throw invalid(`There is no ${pythonRepr(id)} in schemas.`)
    const key = parseUrl(url)
    if (key.kind === 'file' && this.#isRemote)
      throw invalid(
        `Local schema ${pythonRepr(formatPhysicalKey(key))} can't be used on the remote registry.`
      )
    return key
  }

  async #fetch(id: string, key: PhysicalKey, address: string, options: CallOptions): Promise<LoadedSchema> {
    const found = await this.#readSchema(key, address, options)
    const { text, value } = parseSchema(found.bytes, address)
    if (hasReference(value)) throw invalid("Currently we don't support $ref in schema.")
    checkMetaSchema(value)
    const error = schemaError(value)
    if (error !== undefined) throw invalid(`Schema ${pythonRepr(id)} is not valid: ${error}.`)
    return { text, address: formatPhysicalKey(found.physicalKey) }
  }

  async #readSchema(key: PhysicalKey, address: string, options: CallOptions): ReturnType<ReadObject> {
    try {
      return await this.#read(key, options)
    } catch (error) {
      if (isQuiltError(error, 'aborted')) throw error
      throw invalid(`Couldn't load schema at ${address}.`, error)
    }
  }
}

function parseUrl(url: string): PhysicalKey {
  try {
    return parsePhysicalKey(url)
  } catch (error) {
    throw invalid(`Couldn't parse URL ${pythonRepr(url)}.`, error)
  }
}

function parseSchema(
  bytes: Uint8Array,
  address: string
): { readonly text: string; readonly value: JsonValue } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return { text, value: parseJson(text) }
  } catch (error) {
    throw invalid(`Couldn't parse ${address} as JSON.`, error)
  }
}

/** Whether any object of the document has a member `$ref`, be it a keyword there or not. */
function hasReference(value: JsonValue): boolean {
  if (isJsonArray(value)) return value.some(hasReference)
  return isJsonObject(value) && (value.has('$ref') || [...value.values()].some(hasReference))
}

function checkMetaSchema(value: JsonValue): void {
  const metaSchema = isJsonObject(value) ? value.get('$schema') : undefined
  if (metaSchema === undefined || metaSchema === draft7) return
  if (typeof metaSchema !== 'string') throw invalid('$schema must be a string.')
  throw invalid(`Unsupported meta-schema: ${metaSchema}.`)
}

function invalid(message: string, cause?: unknown): QuiltError {
  return new QuiltError('workflow-config-invalid', message, { cause })
}
