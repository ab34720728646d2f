import { createEntry } from '../entry.ts'
import { QuiltError } from '../error.ts'
import type { LocalStore } from '../store/local-store.ts'
import { streamOf } from '../store/object-store.ts'
import type { Entry, EntryHash, PhysicalKey } from '../types.ts'
import {
  bytesOf,
  checksumOf,
  completeAlready,
  hashWhileReading,
  physicalKeyOf,
  pinned,
  type Locate,
  type SourceBytes
} from './entry-bytes.ts'
import type { PendingEntry } from './package-builder.ts'
import type { BringOptions, DataWriter } from './package-writer.ts'

/** Puts data into the folder of a registry. */
export class LocalDataWriter implements DataWriter {
  readonly #store: LocalStore
  readonly #root: string
  readonly #locate: Locate

  /** @param root the path that the folder has in physical keys: where it is, or where it will be mounted */
  constructor(store: LocalStore, root: string, locate: Locate) {
    this.#store = store
    this.#root = root
    this.#locate = locate
  }

  destination(name: string, logicalKey: string): PhysicalKey {
    return this.#physicalKey(`${name}/${logicalKey}`)
  }

  holds(key: PhysicalKey): boolean {
    return key.kind === 'file' && this.#keyOf(key) !== undefined
  }

  /**
   * A file of other content that is already at the destination belongs to earlier revisions and stays; the new one
   * then goes beside it, into a folder `.revisions/<start of its checksum>`.
   */
  async copy(entry: PendingEntry, destination: PhysicalKey, options: BringOptions): Promise<Entry> {
    const { logicalKey } = entry
    const key = this.#keyOf(destination)
    if (key === undefined)
      throw new QuiltError(
        'invalid-destination',
        `${logicalKey} would be written outside of ${this.#store.uri}`
      )
    const bytes = await bytesOf(entry.source, this.#locate, options)
    if (await this.#isFree(key)) {
      const { body, hash } = hashWhileReading(bytes, options)
      await this.#store.put(key, body, options)
      return this.#entry(entry, key, bytes.size, hash())
    }
    const hash = await checksumOf(bytes, options)
    for (const place of [key, besides(key, logicalKey, hash)])
      if (await this.#fill(place, bytes, hash, options)) return this.#entry(entry, place, bytes.size, hash)
    throw new QuiltError('object-changed', `there is other data where ${logicalKey} belongs: ${key}`, { key })
  }

  async complete(entry: PendingEntry, options: BringOptions): Promise<Entry> {
    const { source, logicalKey, meta } = entry
    const key = await physicalKeyOf(entry)
    const known = completeAlready(entry, key)
    if (known !== undefined) return known
    const bytes = await bytesOf(source, this.#locate, options)
    const physicalKey = pinned(source, key, bytes.versionId)
    return createEntry({
      logicalKey,
      physicalKey,
      size: bytes.size,
      hash: await checksumOf(bytes, options),
      meta
    })
  }

  /** Whether the bytes are at the key now: they were there already, or the key was free. */
  async #fill(key: string, bytes: SourceBytes, hash: EntryHash, options: BringOptions): Promise<boolean> {
    if (await this.#isFree(key)) {
      await this.#store.put(key, bytes.body(), options)
      return true
    }
    const there = await this.#store.head(key, options)
    if (there?.size !== bytes.size) return false
    const found = {
      size: there.size,
      body: () => ({ stream: streamOf(this.#store, key, options), size: there.size })
    }
    return (await checksumOf(found, options)).value === hash.value
  }

  /** Whether a file can be made at the key: there is none, no folder of the name, and no file where a folder has to be. */
  async #isFree(key: string): Promise<boolean> {
    if ((await this.#store.list({ prefix: `${key}/`, limit: 1 })).items.length > 0) return false
    for (let end = key.indexOf('/'); ; end = key.indexOf('/', end + 1)) {
      if ((await this.#store.head(end === -1 ? key : key.slice(0, end))) !== undefined) return false
      if (end === -1) return true
    }
  }

  #keyOf(key: PhysicalKey): string | undefined {
    return key.kind === 'file' && key.path.startsWith(`${this.#root}/`)
      ? key.path.slice(this.#root.length + 1)
      : undefined
  }

  #physicalKey(key: string): PhysicalKey {
    return { kind: 'file', path: `${this.#root}/${key}` }
  }

  #entry({ logicalKey, meta }: PendingEntry, key: string, size: number, hash: EntryHash): Entry {
    return createEntry({ logicalKey, physicalKey: this.#physicalKey(key), size, hash, meta })
  }
}

function besides(key: string, logicalKey: string, hash: EntryHash): string {
  const folder = key.endsWith(logicalKey) ? key.slice(0, -logicalKey.length) : ''
  const start = Buffer.from(hash.value, 'base64').toString('hex').slice(0, 16)
  return `${folder}.revisions/${start}/${logicalKey}`
}
