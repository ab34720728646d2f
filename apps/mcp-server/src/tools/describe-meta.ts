import { toPlain, type JsonValue } from '@fast-mcp/quilt'
import { z } from 'zod'
import { estimatedTokens } from './page.ts'
import { visibleJson } from './visible.ts'

/** Metadata that takes more tokens is left out, and said to be. */
const maxTokens = 4000

/** Members of an output schema that show metadata. */
export const metaOutput = {
  meta: z.unknown().optional().describe('User metadata'),
  meta_omitted: z.int().optional().describe('Bytes of metadata too large to show')
} as const

/** Metadata as a result shows it: invisible characters escaped; left out where it is too large. */
export function describeMeta(meta: JsonValue | undefined): { meta?: unknown; meta_omitted?: number } {
  if (meta === undefined) return {}
  const plain = visibleJson(toPlain(meta))
  return estimatedTokens(plain) > maxTokens
    ? { meta_omitted: Buffer.byteLength(JSON.stringify(plain)) }
    : { meta: plain }
}
