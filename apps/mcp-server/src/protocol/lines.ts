/** A line of input without its end, or the news that one was longer than allowed and is left out. */
export type Line = { readonly bytes: Buffer } | { readonly bytes: undefined }

const newline = 0x0a

/** The lines of a stream of bytes, empty ones left out. Of a line longer than `limit` bytes nothing is kept. */
export async function* lines(input: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Line> {
  let parts: Buffer[] = []
  let size = 0
  const take = (bytes: Buffer): void => {
    size += bytes.length
    if (size <= limit) parts.push(bytes)
    else parts = []
  }
  const line = (): readonly Line[] => {
    const found: readonly Line[] =
      size > limit ? [{ bytes: undefined }] : size > 0 ? [{ bytes: Buffer.concat(parts) }] : []
    parts = []
    size = 0
    return found
  }
  for await (const chunk of input) {
    let from = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
      take(chunk.subarray(from, end))
      yield* line()
      from = end + 1
    }
    take(chunk.subarray(from))
  }
  yield* line()
}
