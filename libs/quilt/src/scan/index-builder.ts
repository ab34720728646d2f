import type { TypeTotal } from '../types.ts'
import { Float64Column, TextColumn, Uint32Column } from './column.ts'
import { TypeCounter } from './file-types.ts'
import { typesFrom, type IndexData, type IndexFacts } from './index-data.ts'
import { compareKeyBytes, WalkCursor } from './walk-cursor.ts'

/** A point is set after so many entries or bytes, whichever comes first. */
const pointEntries = 32
const pointBytes = 16 * 1024

interface FolderLine {
  readonly key: Buffer
  readonly position: number
  readonly length: number
}

/** Makes the index of a manifest from its lines, as long as they are in walk order. */
export class IndexBuilder {
  private entries = 0
  private entriesWithMeta = 0
  private firstEntry = -1
  private readonly cursor: WalkCursor
  private readonly types = new TypeCounter()
  private readonly typesOf: Record<string, readonly TypeTotal[]> = {}
  private readonly metadata: FolderLine[] = []
  private nextMetadata = 0
  private readonly open: number[] = []
  /** Bytes in each open folder so far. Each is added up on its own: a difference of large totals would be rounded. */
  private readonly openBytes: number[] = []

  private readonly pointPosition = new Float64Column()
  private readonly pointOrdinal = new Uint32Column()
  private readonly pointKeys = new TextColumn()
  private readonly folderFirst = new Uint32Column()
  private readonly folderLast = new Uint32Column()
  private readonly folderNext = new Uint32Column()
  private readonly folderParent = new Uint32Column()
  private readonly folderBytes = new Float64Column()
  private readonly folderNames = new TextColumn()
  private readonly metaFolder = new Uint32Column()
  private readonly metaPosition = new Float64Column()
  private readonly metaLength = new Uint32Column()

  constructor() {
    this.cursor = new WalkCursor({
      open: (bytes, start, end) => {
        this.types.open()
        this.openFolder(bytes, start, end)
      },
      close: () => this.closeFolder(this.types.close())
    })
    this.openFolder(new Uint8Array(0), 0, 0)
  }

  /** The line with the metadata of a folder. False where it is not in order, before all entries. */
  addMetadata(key: Buffer, position: number, length: number): boolean {
    const last = this.metadata[this.metadata.length - 1]
    if (this.entries > 0 || (last !== undefined && compareKeyBytes(last.key, key) >= 0)) return false
    this.metadata.push({ key, position, length })
    return true
  }

  /** The next entry, its key in `bytes[start..end)`. False where it is not in order. */
  addEntry(
    bytes: Uint8Array,
    start: number,
    end: number,
    size: number,
    position: number,
    hasMeta: boolean
  ): boolean {
    if (this.nextMetadata < this.metadata.length && !this.passMetadata(bytes.subarray(start, end)))
      return false
    if (!this.cursor.advance(bytes, start, end, true)) return false
    this.types.add(bytes, start, end, size)
    if (this.firstEntry < 0) this.firstEntry = position
    if (this.needsPoint(position)) {
      this.pointPosition.push(position)
      this.pointOrdinal.push(this.entries)
      this.pointKeys.push(bytes, start, end)
    }
    this.entries++
    this.openBytes[this.openBytes.length - 1] = (this.openBytes[this.openBytes.length - 1] ?? 0) + size
    if (hasMeta) this.entriesWithMeta++
    return true
  }

  /** @param fileSize bytes of the file @param headerLength bytes of its first line */
  finish(fileSize: number, headerLength: number): IndexData | undefined {
    if (!this.passMetadata(undefined)) return undefined
    this.cursor.finish()
    this.closeFolder(this.types.close())
    return {
      facts: this.facts(fileSize, headerLength),
      pointPosition: this.pointPosition.view(),
      pointOrdinal: this.pointOrdinal.view(),
      pointKeyOffset: this.pointKeys.offsetsView(),
      pointKeys: this.pointKeys.bytesView(),
      folderFirst: this.folderFirst.view(),
      folderLast: this.folderLast.view(),
      folderNext: this.folderNext.view(),
      folderParent: this.folderParent.view(),
      folderBytes: this.folderBytes.view(),
      folderNameOffset: this.folderNames.offsetsView(),
      folderNames: this.folderNames.bytesView(),
      metaFolder: this.metaFolder.view(),
      metaPosition: this.metaPosition.view(),
      metaLength: this.metaLength.view()
    }
  }

  private facts(fileSize: number, headerLength: number): IndexFacts {
    return {
      fileSize,
      headerLength,
      entries: this.entries,
      entriesWithMeta: this.entriesWithMeta,
      firstEntry: this.firstEntry < 0 ? fileSize : this.firstEntry,
      types: this.typesOf
    }
  }

  private needsPoint(position: number): boolean {
    const last = this.pointPosition.length - 1
    return (
      last < 0 ||
      this.entries - this.pointOrdinal.get(last) >= pointEntries ||
      position - this.pointPosition.get(last) >= pointBytes
    )
  }

  /** Opens the folders with metadata that come before the key, or all that are left. False on a conflict with it. */
  private passMetadata(key: Uint8Array | undefined): boolean {
    for (;;) {
      const next = this.metadata[this.nextMetadata]
      if (next === undefined) return true
      if (key !== undefined && compareKeyBytes(next.key, key) > 0) return !isInside(next.key, key)
      if (!this.cursor.advance(next.key, 0, next.key.length, false)) return false
      this.metaFolder.push(this.open[this.open.length - 1] ?? 0)
      this.metaPosition.push(next.position)
      this.metaLength.push(next.length)
      this.nextMetadata++
    }
  }

  private openFolder(bytes: Uint8Array, start: number, end: number): void {
    const folder = this.folderFirst.length
    this.folderParent.push(this.open[this.open.length - 1] ?? 0)
    this.folderFirst.push(this.entries)
    this.folderLast.push(this.entries)
    this.folderNext.push(folder + 1)
    this.folderBytes.push(0)
    this.folderNames.push(bytes, start, end)
    this.open.push(folder)
    this.openBytes.push(0)
  }

  private closeFolder(types: readonly TypeTotal[]): void {
    const folder = this.open.pop() ?? 0
    this.folderLast.set(folder, this.entries)
    this.folderNext.set(folder, this.folderFirst.length)
    const bytes = this.openBytes.pop() ?? 0
    this.folderBytes.set(folder, bytes)
    const outer = this.openBytes.length - 1
    if (outer >= 0) this.openBytes[outer] = (this.openBytes[outer] ?? 0) + bytes
    if (this.entries - this.folderFirst.get(folder) >= typesFrom) this.typesOf[folder] = types
  }
}

/** Whether a folder's key lies inside of what is an entry. */
function isInside(folder: Uint8Array, entry: Uint8Array): boolean {
  return (
    folder.length > entry.length &&
    folder[entry.length] === 0x2f &&
    compareKeyBytes(folder.subarray(0, entry.length), entry) === 0
  )
}
