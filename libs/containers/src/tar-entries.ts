import type { Duplex, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import tar, { type Header } from 'tar-stream'

export interface TarEntry {
  readonly header: Header
  /** To be read once, to its end or not at all. */
  readonly content: AsyncIterable<Buffer>
}

/**
 * Visits every entry of a tar in its order; `transforms` stand between the source and the tar, such as unpacking.
 * Rejects with what the visitor, the source or the tar itself throws.
 */
export async function eachTarEntry(
  source: Readable,
  transforms: readonly Duplex[],
  visit: (entry: TarEntry) => void | Promise<void>
): Promise<void> {
  const extract = tar.extract()
  const visiting = (async () => {
    for await (const entry of extract) {
      await visit({ header: entry.header, content: buffers(entry) })
      entry.resume()
    }
  })()
  const results = await Promise.allSettled([visiting, pipeline([source, ...transforms, extract])])
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

async function* buffers(chunks: AsyncIterable<unknown>): AsyncIterable<Buffer> {
  for await (const chunk of chunks) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('a tar entry gave something else than bytes')
    yield chunk
  }
}
