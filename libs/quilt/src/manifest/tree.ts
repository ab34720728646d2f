import { ManifestEntry } from '../entry.ts'
import { QuiltError, quoted } from '../error.ts'
import { compareCodePoints } from '../json/code-points.ts'
import { isJsonObject, isTruthy, type JsonObject, type JsonValue } from '../json/value.ts'
import { checkLogicalKey } from '../names.ts'
import { formatPhysicalKey } from '../physical-key.ts'
import type { Entry } from '../types.ts'
import type { ManifestRecord } from './record.ts'

/** A folder of a package in memory. */
export class Folder {
  readonly children = new Map<string, Folder | Entry>()
  meta: JsonValue | undefined
}

/**
 * A package in memory, a tree of folders by the parts of the logical keys, with the rules of quilt3's Package. For
 * packages that are being built, and for manifests whose lines are not in the order that a walk gives.
 */
export class PackageTree {
  readonly root = new Folder()
  private readonly headerFields: Map<string, JsonValue>

  /** @param header `version` alone for a new package; copied. @default a new package */
  constructor(header: JsonObject = new Map([['version', 'v0']])) {
    this.headerFields = new Map(header)
  }

  /** In its own order: a field that is set again keeps its place. */
  get header(): JsonObject {
    return this.headerFields
  }

  setHeader(field: string, value: JsonValue): void {
    this.headerFields.set(field, value)
  }

  deleteHeader(field: string): void {
    this.headerFields.delete(field)
  }

  /**
   * Takes in a line of a manifest.
   *
   * Throws QuiltError `manifest-duplicate-key`, `manifest-file-as-folder`, `manifest-invalid-record`.
   */
  load(record: ManifestRecord): void {
    const parent = this.parentOf(record)
    const name = record.path[record.path.length - 1] ?? ''
    if (record.kind === 'metadata') this.setMeta(parent, record)
    else if (!(parent.node instanceof Folder)) throw fileAsFolder(record)
    else if (parent.node.children.has(name)) {
      const key = record.entry.logicalKey
      throw new QuiltError(
        'manifest-duplicate-key',
        `Duplicate logical key ${quoted(key)} in line ${record.line}`,
        {
          line: record.line,
          key
        }
      )
    } else parent.node.children.set(name, record.entry)
  }

  private parentOf(record: ManifestRecord): Place {
    let place: Place = { node: this.root, siblings: undefined, name: '' }
    for (const name of record.path.slice(0, -1)) {
      if (!(place.node instanceof Folder)) throw fileAsFolder(record)
      const siblings: Map<string, Folder | Entry> = place.node.children
      let node = siblings.get(name)
      if (node === undefined) siblings.set(name, (node = new Folder()))
      place = { node, siblings, name }
    }
    return place
  }

  private setMeta({ node, siblings, name }: Place, record: ManifestRecord & { kind: 'metadata' }): void {
    if (node === this.root) this.headerFields.set('user_meta', record.meta)
    else if (node instanceof Folder) node.meta = record.meta
    else siblings?.set(name, withUserMeta(node, record))
  }

  /**
   * Puts an entry into the package; one of the same key is replaced.
   *
   * Throws QuiltError `invalid-logical-key`, and `key-conflict` where a file would be a folder too.
   */
  set(entry: Entry): void {
    const key = entry.logicalKey
    checkLogicalKey(key)
    const path = key.split('/')
    let folder = this.root
    for (const name of path.slice(0, -1)) {
      const child: Folder | Entry = folder.children.get(name) ?? new Folder()
      if (!(child instanceof Folder))
        throw new QuiltError(
          'key-conflict',
          `Already a PackageEntry for ${quoted(name)} along the path ${quoted(key)}: ${formatPhysicalKey(child.physicalKey)}`,
          { key }
        )
      folder.children.set(name, child)
      folder = child
    }
    const name = path[path.length - 1] ?? ''
    if (folder.children.get(name) instanceof Folder)
      throw new QuiltError('key-conflict', `Cannot overwrite directory ${quoted(name)} with PackageEntry`, {
        key
      })
    folder.children.set(name, entry)
  }

  /**
   * Sets the metadata of a folder, made where it is not there; `''` is the package itself.
   *
   * Throws QuiltError `invalid-logical-key`, `key-conflict`.
   */
  setFolderMeta(path: string, meta: JsonValue): void {
    const key = path.replace(/\/+$/, '')
    if (key === '') {
      this.headerFields.set('user_meta', meta)
      return
    }
    checkLogicalKey(key)
    let folder = this.root
    for (const name of key.split('/')) {
      const child: Folder | Entry = folder.children.get(name) ?? new Folder()
      if (!(child instanceof Folder))
        throw new QuiltError('key-conflict', `${quoted(name)} in ${quoted(key)} is an entry`, { key })
      folder.children.set(name, child)
      folder = child
    }
    folder.meta = meta
  }

  /** The entry, the folder, or undefined. `''` is the root; a final slash asks for a folder. */
  get(path: string): Folder | Entry | undefined {
    if (path === '') return this.root
    let node: Folder | Entry | undefined = this.root
    for (const name of path.replace(/\/$/, '').split('/'))
      node = node instanceof Folder ? node.children.get(name) : undefined
    return path.endsWith('/') && !(node instanceof Folder) ? undefined : node
  }

  /** Removes an entry, or a folder with all that is in it. Whether there was one. */
  delete(path: string): boolean {
    const parts = path.replace(/\/$/, '').split('/')
    const name = parts.pop() ?? ''
    const parent = parts.length === 0 ? this.root : this.get(parts.join('/'))
    return parent instanceof Folder && parent.children.delete(name)
  }

  /** All entries in walk order, of the package or of one folder of it. */
  *walk(folder: Folder = this.root): Generator<Entry> {
    for (const { node } of descend(folder)) if (!(node instanceof Folder)) yield node
  }

  /** Metadata of the folders that have any (Python's truth), in walk order; keys end with `/`. */
  *folderMetadata(): Generator<readonly [string, JsonValue]> {
    for (const { node, key } of descend(this.root))
      if (node instanceof Folder && node.meta !== undefined && isTruthy(node.meta))
        yield [`${key}/`, node.meta]
  }
}

// a stack of its own: keys may have any number of parts
function* descend(folder: Folder): Generator<{ readonly key: string; readonly node: Folder | Entry }> {
  const stack = [{ prefix: '', children: sortedChildren(folder), index: 0 }]
  for (;;) {
    const level = stack[stack.length - 1]
    if (level === undefined) return
    const child = level.children[level.index++]
    if (child === undefined) {
      stack.pop()
      continue
    }
    const [name, node] = child
    const key = `${level.prefix}${name}`
    yield { key, node }
    if (node instanceof Folder) stack.push({ prefix: `${key}/`, children: sortedChildren(node), index: 0 })
  }
}

interface Place {
  readonly node: Folder | Entry
  readonly siblings: Map<string, Folder | Entry> | undefined
  readonly name: string
}

/** Children by code point of their names: the order of a walk. */
export function sortedChildren(folder: Folder): readonly (readonly [string, Folder | Entry])[] {
  return [...folder.children].sort(([a], [b]) => compareCodePoints(a, b))
}

function fileAsFolder(record: ManifestRecord): QuiltError {
  const key = record.path.join('/')
  return new QuiltError(
    'manifest-file-as-folder',
    `line ${record.line}: ${quoted(key)} lies inside an entry`,
    {
      line: record.line,
      key
    }
  )
}

function withUserMeta(entry: Entry, { meta, line }: ManifestRecord & { kind: 'metadata' }): Entry {
  const old = entry.record.meta
  if (!isJsonObject(old))
    throw new QuiltError(
      'manifest-invalid-record',
      `line ${line} sets the metadata of ${quoted(entry.logicalKey)}, whose meta is not an object`,
      { line, key: entry.logicalKey }
    )
  return new ManifestEntry(entry.logicalKey, entry.physicalKey, {
    size: entry.record.size,
    hash: entry.record.hash,
    meta: new Map(old).set('user_meta', meta)
  })
}
