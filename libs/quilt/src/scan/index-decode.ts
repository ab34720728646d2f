import { crc32 } from 'node:zlib'
import type { IndexData, IndexFacts } from './index-data.ts'
import { aligned, columns, magic, prefixLength } from './index-encode.ts'

interface Description {
  readonly identity: string
  readonly facts: IndexFacts
  /** Bytes of each column, in the order of `columns`. */
  readonly lengths: readonly number[]
}

/**
 * The index in the bytes of an index file, as views of them. Undefined for anything but a whole, undamaged index file
 * of a manifest of this identity.
 */
export function decodeIndex(file: Uint8Array, identity: string): IndexData | undefined {
  // columns must lie at multiples of 8 in memory too
  const bytes = file.byteOffset % 8 === 0 ? file : new Uint8Array(file)
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.length < prefixLength || view.toString('latin1', 0, 8) !== magic) return undefined
  if (view.readUInt32LE(12) !== crc32(view.subarray(prefixLength))) return undefined
  const textEnd = prefixLength + view.readUInt32LE(8)
  const described = describe(view.toString('utf8', prefixLength, textEnd))
  if (described === undefined || described.identity !== identity) return undefined
  const { facts, lengths } = described
  const starts: number[] = []
  let at = aligned(textEnd)
  for (const length of lengths) {
    starts.push(at)
    at = aligned(at + length)
  }
  if (lengths.length !== columns.length || at !== view.length) return undefined
  const place = (name: (typeof columns)[number]): { readonly start: number; readonly length: number } => {
    const index = columns.indexOf(name)
    return { start: bytes.byteOffset + (starts[index] ?? 0), length: lengths[index] ?? 0 }
  }
  const uint32 = (name: (typeof columns)[number]): Uint32Array => {
    const { start, length } = place(name)
    return new Uint32Array(bytes.buffer, start, length / 4)
  }
  const float64 = (name: (typeof columns)[number]): Float64Array => {
    const { start, length } = place(name)
    return new Float64Array(bytes.buffer, start, length / 8)
  }
  const text = (name: (typeof columns)[number]): Uint8Array => {
    const { start, length } = place(name)
    return new Uint8Array(bytes.buffer, start, length)
  }
  return {
    facts,
    pointPosition: float64('pointPosition'),
    pointOrdinal: uint32('pointOrdinal'),
    pointKeyOffset: uint32('pointKeyOffset'),
    pointKeys: text('pointKeys'),
    folderFirst: uint32('folderFirst'),
    folderLast: uint32('folderLast'),
    folderNext: uint32('folderNext'),
    folderParent: uint32('folderParent'),
    folderBytes: float64('folderBytes'),
    folderNameOffset: uint32('folderNameOffset'),
    folderNames: text('folderNames'),
    metaFolder: uint32('metaFolder'),
    metaPosition: float64('metaPosition'),
    metaLength: uint32('metaLength')
  }
}

function describe(text: string): Description | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isDescription(value) ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

// Not zod: loading it takes as long as opening a manifest that has its index.
function isDescription(value: unknown): value is Description {
  return (
    isRecord(value) && typeof value.identity === 'string' && isFacts(value.facts) && isNumbers(value.lengths)
  )
}

function isFacts(value: unknown): value is IndexFacts {
  if (!isRecord(value) || !isRecord(value.types)) return false
  const { fileSize, headerLength, entries, entriesWithMeta, firstEntry, types } = value
  return (
    isNumbers([fileSize, headerLength, entries, entriesWithMeta, firstEntry]) &&
    Object.values(types).every((totals) => Array.isArray(totals) && totals.every(isTypeTotal))
  )
}

function isTypeTotal(value: unknown): boolean {
  return isRecord(value) && typeof value.extension === 'string' && isNumbers([value.files, value.bytes])
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'number')
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
