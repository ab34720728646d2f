import type { ObjectContent } from '@fast-mcp/quilt'

/** The bytes of an object or a range of it, in memory: the range has to be bounded. `size` is that of the whole object. */
export async function readBytes({
  size,
  body
}: ObjectContent): Promise<{ readonly size: number; readonly bytes: Buffer }> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return { size, bytes: Buffer.concat(chunks) }
}
