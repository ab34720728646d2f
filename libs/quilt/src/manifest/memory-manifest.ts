import { usableSize } from '../entry.ts'
import { QuiltError, quoted, throwIfAborted } from '../error.ts'
import { compareCodePoints } from '../json/code-points.ts'
import type { JsonValue } from '../json/value.ts'
import { checkLimit, decodeCursor, encodeCursor } from '../page.ts'
import type { Entry, FolderChild, FolderPage, Manifest, ManifestHeader, PageOptions } from '../types.ts'
import { describeHeader } from './header.ts'
import { Folder, sortedChildren, type PackageTree } from './tree.ts'

/** A package in memory, seen as an opened manifest. */
export class MemoryManifest implements Manifest {
  readonly topHash: string
  readonly header: ManifestHeader
  readonly files: number
  readonly bytes: number
  private readonly tree: PackageTree

  constructor(topHash: string, tree: PackageTree) {
    this.topHash = topHash
    this.tree = tree
    this.header = describeHeader(tree.header)
    const { files, bytes } = this.totals(tree.root)
    this.files = files
    this.bytes = bytes
  }

  folder(path: string, { after, limit, signal }: PageOptions): Promise<FolderPage> {
    throwIfAborted(signal)
    checkLimit(limit)
    const prefix = path === '' || path.endsWith('/') ? path : `${path}/`
    const folder = this.tree.get(prefix)
    if (!(folder instanceof Folder))
      throw new QuiltError('folder-not-found', `the package has no folder ${quoted(prefix)}`, { key: prefix })
    const start = after === undefined ? undefined : decodeCursor(after)
    const children = sortedChildren(folder).filter(
      ([name]) => start === undefined || compareCodePoints(name, start) > 0
    )
    const items = children.slice(0, limit).map(([name, child]): FolderChild =>
      child instanceof Folder
        ? { kind: 'folder', name, path: `${prefix}${name}/`, ...this.totals(child) }
        : { kind: 'file', name, entry: child }
    )
    const last = items.length < children.length ? items[items.length - 1] : undefined
    return Promise.resolve({
      path: prefix,
      ...this.totals(folder),
      meta: folder === this.tree.root ? this.header.userMeta : folder.meta,
      items,
      next: last === undefined ? undefined : encodeCursor(last.name)
    })
  }

  private totals(folder: Folder): { readonly files: number; readonly bytes: number } {
    let files = 0
    let bytes = 0
    for (const entry of this.tree.walk(folder)) {
      files++
      bytes += usableSize(entry.record.size) ?? 0
    }
    return { files, bytes }
  }

  entry(logicalKey: string): Promise<Entry | undefined> {
    const node = logicalKey === '' ? this.tree.root.children.get('') : this.tree.get(logicalKey)
    return Promise.resolve(node instanceof Folder ? undefined : node)
  }

  async *entries({ prefix = '', signal }: { readonly prefix?: string; readonly signal?: AbortSignal } = {}): AsyncGenerator<Entry> {
    for (const entry of this.tree.walk()) {
      throwIfAborted(signal)
      if (entry.logicalKey.startsWith(prefix)) yield entry
    }
  }

  folderMetadata(): readonly (readonly [string, JsonValue])[] {
    return [...this.tree.folderMetadata()]
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
