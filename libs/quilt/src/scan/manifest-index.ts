import type { TypeTotal } from '../types.ts'
import type { IndexData } from './index-data.ts'
import { compareKeyBytes } from './walk-cursor.ts'

/** A run of neighbours in a folder: one folder, or files that follow each other. */
export type FolderRun =
  | { readonly kind: 'folder'; readonly folder: number }
  | { readonly kind: 'files'; readonly from: number; readonly to: number }

/** Where to read on in a folder: the next entry, and the next folder that is a child of it. */
export interface FolderPosition {
  readonly ordinal: number
  readonly folder: number
}

/** A place in the file, and the number of the entry that starts there. */
export interface Point {
  readonly position: number
  readonly ordinal: number
}

/** Answers from the index of a manifest, all from memory. Entries and folders are numbers in walk order; folder 0 is the root. */
export class ManifestIndex {
  readonly data: IndexData

  constructor(data: IndexData) {
    this.data = data
  }

  /** The folder of a path that ends with `/`; `''` is the root. */
  findFolder(path: string): number | undefined {
    const target = Buffer.from(path)
    let low = 0
    let high = this.data.folderFirst.length - 1
    while (low <= high) {
      const middle = (low + high) >>> 1
      const order = compareKeyBytes(this.pathBytes(middle), target)
      if (order === 0) return middle
      if (order < 0) low = middle + 1
      else high = middle - 1
    }
    return undefined
  }

  /** With the final `/`; `''` for the root. */
  folderPath(folder: number): string {
    return this.pathBytes(folder).toString('utf8')
  }

  folderName(folder: number): string {
    return this.nameBytes(folder).toString('utf8')
  }

  /** Number of its first entry, and of the first one after it. */
  range(folder: number): { readonly from: number; readonly to: number } {
    return { from: this.data.folderFirst[folder] ?? 0, to: this.data.folderLast[folder] ?? 0 }
  }

  totals(folder: number): { readonly files: number; readonly bytes: number } {
    const { from, to } = this.range(folder)
    return { files: to - from, bytes: this.data.folderBytes[folder] ?? 0 }
  }

  /** Undefined for folders that are small enough to be counted. */
  types(folder: number): readonly TypeTotal[] | undefined {
    return this.data.facts.types[folder]
  }

  /** Where reading a folder starts. */
  start(folder: number): FolderPosition {
    return { ordinal: this.range(folder).from, folder: folder + 1 }
  }

  /** Whether a position can be one of that folder. */
  isPosition(folder: number, { ordinal, folder: next }: FolderPosition): boolean {
    const { from, to } = this.range(folder)
    if (!Number.isInteger(ordinal) || ordinal < from || ordinal > to) return false
    const end = this.data.folderNext[folder] ?? 0
    return next === end || (next < end && this.data.folderParent[next] === folder)
  }

  /**
   * What comes next in a folder, at most `limit` children.
   *
   * @returns the runs, and the position behind them; undefined at the end of the folder
   */
  children(
    folder: number,
    start: FolderPosition,
    limit: number
  ): { readonly runs: readonly FolderRun[]; readonly next: FolderPosition | undefined } {
    const { data } = this
    const { to } = this.range(folder)
    const end = data.folderNext[folder] ?? 0
    const runs: FolderRun[] = []
    let { ordinal, folder: child } = start
    let room = limit
    while (room > 0 && (ordinal < to || child < end)) {
      const filesEnd = child < end ? (data.folderFirst[child] ?? 0) : to
      if (ordinal < filesEnd) {
        const from = ordinal
        ordinal = Math.min(filesEnd, from + room)
        room -= ordinal - from
        runs.push({ kind: 'files', from, to: ordinal })
      } else {
        runs.push({ kind: 'folder', folder: child })
        ordinal = data.folderLast[child] ?? 0
        child = data.folderNext[child] ?? 0
        room--
      }
    }
    return { runs, next: ordinal < to || child < end ? { ordinal, folder: child } : undefined }
  }

  /** The last point at or before the entry of that number. */
  pointAt(ordinal: number): Point {
    const { pointOrdinal } = this.data
    return this.point(lastWhere(pointOrdinal.length, (index) => (pointOrdinal[index] ?? 0) <= ordinal))
  }

  /** The last point at or before the key. */
  pointAtKey(key: Uint8Array): Point {
    const { pointKeys, pointKeyOffset, pointOrdinal } = this.data
    return this.point(
      lastWhere(
        pointOrdinal.length,
        (index) =>
          compareKeyBytes(pointKeys.subarray(pointKeyOffset[index], pointKeyOffset[index + 1]), key) <= 0
      )
    )
  }

  /** Where the entries up to that number surely end in the file. */
  endOf(ordinal: number): number {
    const { pointOrdinal, pointPosition, facts } = this.data
    const index = lastWhere(pointOrdinal.length, (each) => (pointOrdinal[each] ?? 0) < ordinal) + 1
    return pointPosition[index] ?? facts.fileSize
  }

  private point(index: number): Point {
    const { pointOrdinal, pointPosition, facts } = this.data
    return { position: pointPosition[index] ?? facts.firstEntry, ordinal: pointOrdinal[index] ?? 0 }
  }

  private nameBytes(folder: number): Buffer {
    const { folderNames, folderNameOffset } = this.data
    const start = folderNameOffset[folder] ?? 0
    const end = folderNameOffset[folder + 1] ?? start
    return Buffer.from(folderNames.buffer, folderNames.byteOffset + start, end - start)
  }

  private pathBytes(folder: number): Buffer {
    const parts: Buffer[] = []
    for (let at = folder; at !== 0; at = this.data.folderParent[at] ?? 0)
      parts.push(slash, this.nameBytes(at))
    return Buffer.concat(parts.reverse())
  }
}

const slash = Buffer.from('/')

/** The greatest index below `length` for which it holds, where it holds for all below that one; -1 where for none. */
function lastWhere(length: number, holds: (index: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) low = middle + 1
    else high = middle
  }
  return low - 1
}
