import type { TypeTotal } from '../types.ts'

/**
 * What is known of a manifest file after one scan, in columns that are written to a file as they are.
 *
 * The entries of a folder are one range of lines. Folders are numbered in walk order, 0 is the root: the folders inside
 * folder `f` are `f + 1` up to `folderNext[f]`. Points are places in the file to start reading at, close enough to each
 * other that an entry is found with one read.
 */
export interface IndexData {
  readonly facts: IndexFacts
  /** Position in the file of the entry each point stands at. */
  readonly pointPosition: Float64Array
  /** Number of that entry among all entries. */
  readonly pointOrdinal: Uint32Array
  readonly pointKeyOffset: Uint32Array
  readonly pointKeys: Uint8Array
  /** Number of the first entry, and of the first one after the folder. */
  readonly folderFirst: Uint32Array
  readonly folderLast: Uint32Array
  /** Number of the first folder after this one that is not inside it. */
  readonly folderNext: Uint32Array
  readonly folderParent: Uint32Array
  readonly folderBytes: Float64Array
  readonly folderNameOffset: Uint32Array
  readonly folderNames: Uint8Array
  /** Folders with metadata, and where the line of it is. */
  readonly metaFolder: Uint32Array
  readonly metaPosition: Float64Array
  readonly metaLength: Uint32Array
}

export interface IndexFacts {
  /** Bytes of the manifest file. */
  readonly fileSize: number
  /** Bytes of the first line. */
  readonly headerLength: number
  readonly entries: number
  /** Entries whose `meta` is not `{}`. */
  readonly entriesWithMeta: number
  /** Where the first entry starts. */
  readonly firstEntry: number
  /** By folder number, for the folders with at least typesFrom entries. */
  readonly types: Readonly<Record<string, readonly TypeTotal[]>>
}

/** Entries from which on the types in a folder are counted while scanning; smaller folders are counted when asked. */
export const typesFrom = 1024
