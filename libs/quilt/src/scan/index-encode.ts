import { crc32 } from 'node:zlib'
import type { IndexData } from './index-data.ts'

export const magic = 'FMQINDX1'
/** Magic, length of the description, checksum of all that follows. */
export const prefixLength = 16

export const columns = [
  'pointPosition',
  'pointOrdinal',
  'pointKeyOffset',
  'pointKeys',
  'folderFirst',
  'folderLast',
  'folderNext',
  'folderParent',
  'folderBytes',
  'folderNameOffset',
  'folderNames',
  'metaFolder',
  'metaPosition',
  'metaLength'
] as const

/**
 * The bytes of an index file: the columns as they lie in memory, each at a multiple of 8, behind a description and a
 * checksum. Little-endian, like every machine this runs on.
 *
 * @param identity what the manifest is known by; decodeIndex wants the same
 */
export function encodeIndex(data: IndexData, identity: string): Buffer<ArrayBuffer> {
  const parts = columns.map((name) => {
    const column = data[name]
    return new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
  })
  const lengths = parts.map((part) => part.length)
  const text = Buffer.from(JSON.stringify({ identity, facts: data.facts, lengths }))
  const start = aligned(prefixLength + text.length)
  const file = Buffer.from(new ArrayBuffer(lengths.reduce((end, length) => aligned(end + length), start)))
  file.write(magic, 0, 'latin1')
  file.writeUInt32LE(text.length, 8)
  text.copy(file, prefixLength)
  let at = start
  for (const part of parts) {
    file.set(part, at)
    at = aligned(at + part.length)
  }
  file.writeUInt32LE(crc32(file.subarray(prefixLength)), 12)
  return file
}

/** Columns start at multiples of 8. */
export function aligned(position: number): number {
  return Math.ceil(position / 8) * 8
}
