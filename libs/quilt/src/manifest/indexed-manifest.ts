import type { FileHandle } from 'node:fs/promises'
import { isQuiltError, QuiltError } from '../error.ts'
import { isJsonObject, type JsonValue } from '../json/value.ts'
import { parseJson } from '../json/parse.ts'
import { checkLimit, decodeCursor, encodeCursor } from '../page.ts'
import { countTypes } from '../scan/file-types.ts'
import type { FolderPosition, ManifestIndex } from '../scan/manifest-index.ts'
import type { LineCursor } from '../scan/line-cursor.ts'
import { manifestChanged } from '../scan/manifest-changed.ts'
import { RangeReader } from '../scan/range-reader.ts'
import { entryOfLine, keyOfLine } from '../scan/scanned-entry.ts'
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
import { hashMismatch } from './hash-mismatch.ts'
import { folderNotFound, folderPath } from './folder-path.ts'
import type { ManifestSearch } from './manifest-search.ts'
import { checkSearch } from './search-text.ts'

export interface IndexedManifestParts {
  readonly topHash: string
  readonly header: ManifestHeader
  /** Of the manifest file; closed with the manifest. */
  readonly handle: FileHandle
  readonly index: ManifestIndex
  readonly search: ManifestSearch
  /** The top hash of what the file says; undefined where the file is no longer what the index says. */
  readonly computeTopHash: (signal: AbortSignal | undefined) => Promise<string | undefined>
}

/** A manifest file with its index: pages, entries and summaries are read from where they are in the file. */
export class IndexedManifest implements Manifest {
  readonly topHash: string
  readonly header: ManifestHeader
  readonly files: number
  readonly bytes: number
  private readonly handle: FileHandle
  private readonly index: ManifestIndex
  private readonly searcher: ManifestSearch
  private readonly reader: RangeReader
  private readonly computeTopHash: IndexedManifestParts['computeTopHash']

  constructor({ topHash, header, handle, index, search, computeTopHash }: IndexedManifestParts) {
    this.topHash = topHash
    this.header = header
    this.handle = handle
    this.index = index
    this.searcher = search
    this.computeTopHash = computeTopHash
    this.reader = new RangeReader(handle, index)
    const { files, bytes } = index.totals(0)
    this.files = files
    this.bytes = bytes
  }

  async folder(path: string, { after, limit, signal }: PageOptions): Promise<FolderPage> {
    checkLimit(limit)
    const prefix = folderPath(path)
    const folder = this.find(prefix)
    const start = after === undefined ? this.index.start(folder) : this.position(folder, after)
    const { runs, next } = this.index.children(folder, start, limit)
    const items: FolderChild[] = []
    for (const run of runs)
      if (run.kind === 'folder') items.push(this.child(prefix, run.folder))
      else
        for (const entry of await this.read(run.from, run.to, signal)) items.push(file(prefix, entry, after))
    return {
      path: prefix,
      ...this.index.totals(folder),
      meta: folder === 0 ? this.header.userMeta : await this.metaOf(folder),
      items,
      next: next === undefined ? undefined : encodeCursor(`${next.ordinal}.${next.folder}`)
    }
  }

  async summary(path: string, { signal }: CallOptions = {}): Promise<FolderSummary> {
    const prefix = folderPath(path)
    const folder = this.find(prefix)
    return { path: prefix, ...this.index.totals(folder), types: await this.types(folder, signal) }
  }

  async entry(logicalKey: string, { signal }: CallOptions = {}): Promise<Entry | undefined> {
    return await this.reader.find(logicalKey, entryOfLine, signal)
  }

  async *entries(options: EntriesOptions = {}): AsyncGenerator<Entry> {
    for await (const batch of this.entryBatches(options)) yield* batch
  }

  async *entryBatches(options: EntriesOptions = {}): AsyncGenerator<readonly Entry[]> {
    const { from, to } = this.rangeOf(options)
    yield* behindKey(this.reader.read(from, to, entryOfLine, options.signal), options.after)
  }

  /** The entries one by one, from some key at or before the first that is behind `after`. */
  cursor(options: Omit<EntriesOptions, 'folder'>): LineCursor {
    return this.reader.cursor(this.rangeOf(options).from, options.signal)
  }

  async *keys(options: EntriesOptions = {}): AsyncGenerator<readonly KeyAndSize[]> {
    const { from, to } = this.rangeOf(options)
    yield* behindKey(this.reader.read(from, to, keyOfLine, options.signal), options.after)
  }

  async search(options: SearchOptions): Promise<SearchPage> {
    const { text, after } = checkSearch(options)
    const { signal } = options
    // one more than the page has tells whether there is another
    const { total, ordinals } = await this.searcher.find(options.in, text, after, options.limit + 1, signal)
    const page = ordinals.slice(0, options.limit)
    const items: Entry[] = []
    for (const { from, to } of runsOf(page)) items.push(...(await this.read(from, to, signal)))
    return {
      items,
      total,
      next: page.length < ordinals.length ? encodeCursor(String(page[page.length - 1])) : undefined
    }
  }

  async folderMetadata(): Promise<readonly (readonly [string, JsonValue])[]> {
    const { metaFolder } = this.index.data
    const all: (readonly [string, JsonValue])[] = []
    for (const folder of metaFolder) {
      const meta = await this.metaOf(folder)
      if (meta !== undefined) all.push([this.index.folderPath(folder), meta])
    }
    return all
  }

  async checkTopHash({ signal }: CallOptions = {}): Promise<void> {
    const found = await this.computeTopHash(signal)
    if (found !== this.topHash) throw hashMismatch(this.topHash, found ?? 'another')
  }

  async close(): Promise<void> {
    await this.searcher.close()
    await this.handle.close()
  }

  /** The lines to read: from the last point at or before the key that they are to be behind. */
  private rangeOf({ folder = '', after }: EntriesOptions): { readonly from: number; readonly to: number } {
    const { from, to } = this.index.range(this.find(folderPath(folder)))
    // half a surrogate pair has no bytes to look for
    if (after?.isWellFormed() !== true) return { from, to }
    return { from: Math.max(from, this.index.pointAtKey(Buffer.from(after)).ordinal), to }
  }

  private find(prefix: string): number {
    const folder = this.index.findFolder(prefix)
    if (folder === undefined) throw folderNotFound(prefix)
    return folder
  }

  private position(folder: number, cursor: string): FolderPosition {
    const [, ordinal, next] = /^(\d{1,10})\.(\d{1,10})$/.exec(decodeCursor(cursor)) ?? []
    const position = { ordinal: Number(ordinal), folder: Number(next) }
    if (this.index.isPosition(folder, position)) return position
    throw new QuiltError('invalid-cursor', `${cursor} is not a cursor of this folder`)
  }

  private child(prefix: string, folder: number): FolderChild {
    const name = this.index.folderName(folder)
    return { kind: 'folder', name, path: `${prefix}${name}/`, ...this.index.totals(folder) }
  }

  private async read(from: number, to: number, signal: AbortSignal | undefined): Promise<readonly Entry[]> {
    const batches = await Array.fromAsync(this.reader.read(from, to, entryOfLine, signal))
    return batches.flat()
  }

  private async types(folder: number, signal: AbortSignal | undefined): Promise<FolderSummary['types']> {
    const known = this.index.types(folder)
    if (known !== undefined) return known
    const { from, to } = this.index.range(folder)
    return countTypes((await Array.fromAsync(this.reader.read(from, to, keyOfLine, signal))).flat())
  }

  private async metaOf(folder: number): Promise<JsonValue | undefined> {
    const { metaFolder, metaPosition, metaLength } = this.index.data
    const at = metaFolder.indexOf(folder)
    if (at < 0) return undefined
    const line = Buffer.alloc(metaLength[at] ?? 0)
    const { bytesRead } = await this.handle.read(line, 0, line.length, metaPosition[at] ?? 0)
    try {
      const record = parseJson(line.toString('utf8', 0, bytesRead))
      if (isJsonObject(record)) return record.get('meta')
    } catch (error) {
      if (!isQuiltError(error)) throw error
    }
    throw manifestChanged()
  }
}

/** A file of a folder. A cursor that was made up can point into a folder inside of it. */
function file(prefix: string, entry: Entry, cursor: string | undefined): FolderChild {
  const name = entry.logicalKey.slice(prefix.length)
  if (entry.logicalKey.startsWith(prefix) && !name.includes('/')) return { kind: 'file', name, entry }
  if (cursor === undefined) throw manifestChanged()
  throw new QuiltError('invalid-cursor', `${cursor} is not a cursor of this folder`)
}

/** Neighbours are read together. */
function runsOf(ordinals: readonly number[]): readonly { readonly from: number; readonly to: number }[] {
  const runs: { from: number; to: number }[] = []
  for (const ordinal of ordinals) {
    const last = runs[runs.length - 1]
    if (last?.to === ordinal) last.to++
    else runs.push({ from: ordinal, to: ordinal + 1 })
  }
  return runs
}
