import type { Entry } from '@fast-mcp/quilt'
import { z } from 'zod'
import { shownKey } from './visible.ts'

/** Members of an output schema that describe a file of a package. */
export const entryOutput = {
  path: z.string().describe('Logical key'),
  shown: z.string().optional().describe('The path with invisible characters as \\u{…}'),
  size: z.int().optional().describe('Bytes'),
  hash: z.string().optional().describe('type:value')
} as const

export interface DescribedEntry {
  path: string
  shown?: string
  size?: number
  hash?: string
}

/** What a list says of a file: its key, size and checksum. */
export function describeEntry(path: string, { size, hash }: Entry): DescribedEntry {
  return {
    path,
    ...shownKey(path),
    ...(size === undefined ? {} : { size }),
    ...(hash === undefined ? {} : { hash: `${hash.type}:${hash.value}` })
  }
}
