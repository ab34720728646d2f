import { crc32 } from 'node:zlib'

// SQLite notices a damaged structure, not a damaged text: each row of the index says what it should sum up to.

export interface PackageRow {
  readonly name: string
  readonly topHash: string
  readonly message: string | null
  readonly modified: number | null
  readonly files: number
  readonly bytes: number
}

export function packageSum({ name, topHash, message, modified, files, bytes }: PackageRow): number {
  return crc32(JSON.stringify([name, topHash, message, modified, files, bytes]))
}

export function entrySum(revision: number, key: string, size: number | null): number {
  return crc32(JSON.stringify([revision, key, size]))
}

/** A row is not what was written. */
export class DamagedRow extends Error {}
