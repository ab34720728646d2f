import { QuiltError, quoted } from '../error.ts'
import { compareKeys } from '../json/index.ts'
import { emptyObject, isJsonObject, isTruthy, type JsonObject, type JsonValue } from '../json/value.ts'
import { nextHeader } from '../manifest/header.ts'
import { checkLogicalKey } from '../names.ts'
import type { CallOptions, Entry, Manifest, PhysicalKey } from '../types.ts'
import type { FolderSource } from './add-folder.ts'
import { mergeEntries, type Change } from './merge-entries.ts'
import type { BuildOptions, PackageWriter, PushOptions, Pushed } from './package-writer.ts'

/** Where the bytes of a new entry come from. */
export type Source =
  | Uint8Array
  | { readonly file: string }
  /** An object that is already stored. Of a bucket with versions, the newest is pinned unless `unversioned`. */
  | { readonly object: PhysicalKey; readonly unversioned?: boolean }
  | Entry

/** An entry of a package that is being built. `meta` is the whole object, `{"user_meta": ...}` or empty. */
export interface PendingEntry {
  readonly logicalKey: string
  readonly source: Source
  readonly meta: JsonValue
}

export function isEntry(source: Source): source is Entry {
  return 'record' in source
}

/** A revision that a builder starts from: its name and top hash let a push see whether it is still the newest. */
export interface BaseRevision {
  readonly name: string
  readonly manifest: Manifest
}

/**
 * A package being built: a new one, or an existing revision with changes. Holds the changes only; entries of the base
 * that are not touched are streamed when it is pushed. Made by a registry's `newPackage`
 * and `patch`; close it when it is no longer used.
 */
export class PackageBuilder {
  /** Top hashes that this builder was opened from or pushed, by package name: a push on top of them is no conflict. */
  readonly #parents = new Map<string, Set<string>>()
  readonly #writer: PackageWriter
  readonly #base: BaseRevision | undefined
  readonly #changes = new Map<string, Change>()
  /** How many changed entries are somewhere below each folder. */
  readonly #folders = new Map<string, number>()
  /** Removed paths, and whether there was anything to remove. */
  readonly #removed = new Map<string, boolean>()
  readonly #folderMeta = new Map<string, JsonValue>()
  #userMeta: { readonly value: JsonValue } | undefined

  constructor(writer: PackageWriter, base?: BaseRevision) {
    this.#writer = writer
    this.#base = base
    if (base !== undefined) this.addParent(base.name, base.manifest.topHash)
  }

  /**
   * Puts an entry into the package; one of the same key is replaced, its metadata too. An Entry brings its own
   * metadata unless `meta` is given. Throws `invalid-logical-key`, and `key-conflict` where a file would be a folder.
   */
  set(logicalKey: string, source: Source, meta?: JsonValue): this {
    checkLogicalKey(logicalKey)
    this.#refuseConflict(logicalKey)
    const own = isEntry(source) ? source.record.meta : emptyObject
    const whole = meta === undefined ? own : withUserMeta(own, meta)
    if (this.#changes.get(logicalKey)?.kind !== 'set') this.#count(logicalKey, 1)
    this.#changes.set(logicalKey, { kind: 'set', source, meta: whole })
    return this
  }

  /** Puts all files of a folder, or objects of a bucket, into the package. See addFolder. */
  addFolder(path: string, source: FolderSource, options: CallOptions = {}): Promise<number> {
    return this.#writer.addFolder(this, path, source, options)
  }

  /** Replaces the user metadata of an entry and leaves its bytes. A push throws `entry-not-found` if there is none. */
  setEntryMeta(logicalKey: string, meta: JsonValue): this {
    const change = this.#changes.get(logicalKey)
    if (change?.kind === 'set')
      this.#changes.set(logicalKey, { ...change, meta: withUserMeta(change.meta, meta) })
    else this.#changes.set(logicalKey, { kind: 'meta', meta })
    return this
  }

  /** Removes an entry, or a folder with all that is in it. A push throws `entry-not-found` if there was none. */
  remove(path: string): this {
    const key = path.replace(/\/$/, '')
    checkLogicalKey(key)
    let hit = false
    for (const [changed, { kind }] of this.#changes) {
      if (changed !== key && !changed.startsWith(`${key}/`)) continue
      this.#changes.delete(changed)
      if (kind === 'set') {
        this.#count(changed, -1)
        hit = true
      }
    }
    for (const folder of this.#folderMeta.keys())
      if (`${folder}/`.startsWith(`${key}/`)) this.#folderMeta.delete(folder)
    this.#removed.set(key, hit)
    return this
  }

  /** Sets the package's user metadata. */
  setMeta(meta: JsonValue): this {
    this.#userMeta = { value: meta }
    return this
  }

  /** Sets the metadata of a folder; `''` and `'/'` are the package itself. */
  setFolderMeta(path: string, meta: JsonValue): this {
    const folder = path.replace(/\/$/, '')
    if (folder === '') return this.setMeta(meta)
    checkLogicalKey(folder)
    this.#refuseFileAsFolder(`${folder}/`)
    this.#folderMeta.set(folder, meta)
    return this
  }

  /** The package's user metadata; undefined if it was never set. */
  get userMeta(): JsonValue | undefined {
    return this.#userMeta === undefined ? this.#base?.manifest.header.userMeta : this.#userMeta.value
  }

  /**
   * The header of the new revision, in the order that quilt3 writes: fields of the base keep their place. A workflow
   * that is undefined leaves no field.
   */
  header(workflow: JsonObject | undefined, message: string | null): JsonObject {
    return nextHeader(this.#base?.manifest.header.raw, { userMeta: this.#userMeta?.value, workflow, message })
  }

  /**
   * All entries of the new revision in walk order. Throws `key-conflict` where the base has a folder of the name of a
   * new entry or the reverse, and `entry-not-found` where something was to be removed or changed that is not there.
   */
  entries(): AsyncIterable<PendingEntry> {
    return mergeEntries(this.#base?.manifest.entries() ?? [], this.#changes, this.#removed)
  }

  /** Metadata of folders in walk order, keys with a final `/`; none that Python takes for false. */
  async folderMetadata(): Promise<readonly (readonly [string, JsonValue])[]> {
    const base = (await this.#base?.manifest.folderMetadata()) ?? []
    const kept = base.filter(([key]) => !this.#isRemoved(key))
    const own = Array.from(this.#folderMeta, ([folder, meta]) => [`${folder}/`, meta] as const)
    return [...new Map([...kept, ...own])]
      .filter(([, meta]) => isTruthy(meta))
      .sort(([a], [b]) => compareKeys(a, b))
  }

  /** The top hashes of a package that a push may replace. */
  parents(name: string): ReadonlySet<string> {
    return this.#parents.get(name) ?? new Set()
  }

  addParent(name: string, topHash: string): void {
    this.#parents.set(name, new Set([...this.parents(name), topHash]))
  }

  /** Writes a revision and the data that is not in the registry yet. See PackageWriter.push. */
  push(name: string, options: PushOptions = {}): Promise<Pushed> {
    return this.#writer.push(this, name, options)
  }

  /** Writes a revision and leaves all data where it is. See PackageWriter.build. */
  build(name: string, options: BuildOptions = {}): Promise<Pushed> {
    return this.#writer.build(this, name, options)
  }

  /** Closes the revision that the builder starts from. */
  async close(): Promise<void> {
    await this.#base?.manifest.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #isRemoved(folder: string): boolean {
    return this.#removed.size > 0 && prefixes(folder).some((path) => this.#removed.has(path))
  }

  #refuseConflict(key: string): void {
    if (this.#folders.has(key))
      throw new QuiltError('key-conflict', `Cannot overwrite directory ${quoted(key)} with PackageEntry`, {
        key
      })
    this.#refuseFileAsFolder(key)
  }

  #refuseFileAsFolder(key: string): void {
    const file = prefixes(key).find((path) => path !== key && this.#changes.get(path)?.kind === 'set')
    if (file === undefined) return
    throw new QuiltError(
      'key-conflict',
      `Already a PackageEntry for ${quoted(file)} along the path ${quoted(key)}`,
      {
        key
      }
    )
  }

  #count(key: string, change: number): void {
    for (const folder of prefixes(key)) {
      if (folder === key) continue
      const count = (this.#folders.get(folder) ?? 0) + change
      if (count === 0) this.#folders.delete(folder)
      else this.#folders.set(folder, count)
    }
  }
}

/** `a`, `a/b` and `a/b/c` for `a/b/c`; `a` and `a/b` for `a/b/`. */
function prefixes(key: string): readonly string[] {
  const paths: string[] = []
  for (let slash = key.indexOf('/'); slash !== -1; slash = key.indexOf('/', slash + 1))
    paths.push(key.slice(0, slash))
  return key.endsWith('/') ? paths : [...paths, key]
}

function withUserMeta(meta: JsonValue, userMeta: JsonValue): JsonObject {
  return new Map(isJsonObject(meta) ? meta : []).set('user_meta', userMeta)
}
