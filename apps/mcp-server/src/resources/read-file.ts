import type { Entry } from '@fast-mcp/quilt'
import { mediaType } from '../media-type.ts'
import type { CallContext } from '../protocol/method.ts'
import type { ServedRegistry } from '../registries.ts'
import { decode } from '../tools/decode.ts'
import { readBytes } from '../tools/read-bytes.ts'
import { ToolFailure } from '../tools/tool-failure.ts'
import { visible, visibleText } from '../tools/visible.ts'
import type { ResourceContents } from './resource-contents.ts'
import { fromOffset } from './resource-uri.ts'

/** Key in the `_meta` of a part of a file: where it begins, how long it is, the size of the file, and the address of the rest. */
export const rangeKey = 'quilt-mcp/range'

export interface FilePart {
  /** What the client asked for. */
  readonly uri: string
  readonly registry: ServedRegistry
  readonly entry: Entry
  readonly offset: number
  /** Most bytes to read. */
  readonly length: number
}

/**
 * A file of a package or a part of it: text where the bytes are UTF-8 and its name does not say that it is an image or
 * audio, else a blob. Invisible characters of text are shown as \u{…}. Throws ToolFailure `invalid-range`.
 */
export async function readFile(
  { uri, registry, entry, offset, length }: FilePart,
  { signal }: CallContext
): Promise<ResourceContents> {
  const path = entry.logicalKey
  const { size, bytes } = await readBytes(await registry.read(entry, { offset, length }, { signal }))
  if (offset > size)
    throw new ToolFailure('invalid-range', `${visible(path)} has ${String(size)} bytes`, {
      next: 'Use an offset from 0 to its size.'
    })
  const mimeType = mediaType(path)
  const { encoding, content, skipped, used } = decode(bytes, {
    encoding: /^(?:image\/(?!svg)|audio\/|video\/)/.test(mimeType) ? 'base64' : 'auto',
    isStart: offset === 0,
    isEnd: offset + bytes.length >= size
  })
  const start = offset + skipped
  const end = start + used
  const range = { offset: start, length: used, size, ...(end < size ? { next: fromOffset(uri, end) } : {}) }
  const isWhole = start === 0 && end === size
  return {
    uri,
    mimeType,
    ...(encoding === 'text' ? { text: visibleText(content) } : { blob: content }),
    ...(isWhole ? {} : { _meta: { [rangeKey]: range } })
  }
}
