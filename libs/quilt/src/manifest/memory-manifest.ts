import { throwIfAborted } from '../error.ts'
import { compareCodePoints } from '../json/code-points.ts'
import type { JsonValue } from '../json/value.ts'
import { checkLimit, decodeCursor, encodeCursor } from '../page.ts'
import { countTypes } from '../scan/file-types.ts'
import { foldKey } from '../scan/key-list.ts'
import { metadataText } from '../scan/search-metadata.ts'
import type {
  CallOptions,
  EntriesOptions,
  Entry,
  FolderChild,
  FolderPage,
  FolderSummary,
  KeyAndSize,
  Manifest,
  ManifestHeader,
  PageOptions,
  SearchOptions,
  SearchPage
} from '../types.ts'
import { behindKey } from './behind-key.ts'
import { folderNotFound, folderPath } from './folder-path.ts'
import { topHash as topHashOf } from '../top-hash.ts'
import { hashMismatch } from './hash-mismatch.ts'
import { describeHeader } from './header.ts'
import { checkSearch } from './search-text.ts'
import { Folder, sortedChildren, type PackageTree } from './tree.ts'

/** A package in memory, seen as an opened manifest: for manifests whose lines are in no order that an index can use. */
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

  async folder(path: string, { after, limit, signal }: PageOptions): Promise<FolderPage> {
    throwIfAborted(signal)
    checkLimit(limit)
    const prefix = folderPath(path)
    const folder = this.find(prefix)
    const start = after === undefined ? undefined : decodeCursor(after)
    const children = sortedChildren(folder).filter(
      ([name]) => start === undefined || compareCodePoints(name, start) > 0
    )
    const items = children
      .slice(0, limit)
      .map(([name, child]): FolderChild =>
        child instanceof Folder
          ? { kind: 'folder', name, path: `${prefix}${name}/`, ...this.totals(child) }
          : { kind: 'file', name, entry: child }
      )
    const last = items.length < children.length ? items[items.length - 1] : undefined
    return {
      path: prefix,
      ...this.totals(folder),
      meta: folder === this.tree.root ? this.header.userMeta : folder.meta,
      items,
      next: last === undefined ? undefined : encodeCursor(last.name)
    }
  }

  async summary(path: string, { signal }: CallOptions = {}): Promise<FolderSummary> {
    throwIfAborted(signal)
    const folder = this.find(folderPath(path))
    return { path: folderPath(path), ...this.totals(folder), types: countTypes(this.tree.walk(folder)) }
  }

  async entry(logicalKey: string): Promise<Entry | undefined> {
    // Each part is a name, also one that is empty: a key of a manifest may end with a slash.
    let node: Folder | Entry | undefined = this.tree.root
    for (const name of logicalKey.split('/'))
      node = node instanceof Folder ? node.children.get(name) : undefined
    return node instanceof Folder ? undefined : node
  }

  async *entries(options: EntriesOptions = {}): AsyncGenerator<Entry> {
    for await (const batch of this.entryBatches(options))
      for (const entry of batch) {
        throwIfAborted(options.signal)
        yield entry
      }
  }

  async *entryBatches({ folder = '', after, signal }: EntriesOptions = {}): AsyncGenerator<readonly Entry[]> {
    throwIfAborted(signal)
    yield* behindKey([[...this.tree.walk(this.find(folderPath(folder)))]], after)
  }

  keys(options: EntriesOptions = {}): AsyncGenerator<readonly KeyAndSize[]> {
    return this.entryBatches(options)
  }

  async search(options: SearchOptions): Promise<SearchPage> {
    throwIfAborted(options.signal)
    const { text, after } = checkSearch(options)
    const matches =
      options.in === 'keys'
        ? ({ logicalKey }: Entry): boolean => foldKey(logicalKey).includes(text)
        : ({ record }: Entry): boolean => metadataText(record.meta).includes(text)
    let total = 0
    const found: { readonly ordinal: number; readonly entry: Entry }[] = []
    for (const [ordinal, entry] of [...this.tree.walk()].entries()) {
      if (!matches(entry)) continue
      total++
      if (ordinal > after) found.push({ ordinal, entry })
    }
    const page = found.slice(0, options.limit)
    const last = page.length < found.length ? page[page.length - 1] : undefined
    return {
      items: page.map(({ entry }) => entry),
      next: last === undefined ? undefined : encodeCursor(String(last.ordinal)),
      total
    }
  }

  async folderMetadata(): Promise<readonly (readonly [string, JsonValue])[]> {
    return [...this.tree.folderMetadata()]
  }

  async checkTopHash({ signal }: CallOptions = {}): Promise<void> {
    throwIfAborted(signal)
    const found = await topHashOf(this.tree.header, this.tree.walk())
    if (found !== this.topHash) throw hashMismatch(this.topHash, found)
  }

  async close(): Promise<void> {
    // nothing is open
  }

  private find(prefix: string): Folder {
    const folder = this.tree.get(prefix)
    if (folder instanceof Folder) return folder
    throw folderNotFound(prefix)
  }

  private totals(folder: Folder): { readonly files: number; readonly bytes: number } {
    let files = 0
    let bytes = 0
    for (const entry of this.tree.walk(folder)) {
      files++
      bytes += entry.size ?? 0
    }
    return { files, bytes }
  }
}
