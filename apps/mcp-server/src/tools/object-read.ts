import type { ContentBlock } from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'
import { mediaKind, mediaType } from '../media-type.ts'
import { addressArgument, packageArgument, registryArgument, revisionArgument } from './arguments.ts'
import { decode } from './decode.ts'
import { estimatedTokens } from './page.ts'
import { readBytes } from './read-bytes.ts'
import { readOnly, tool } from './tool.ts'
import { ToolFailure } from './tool-failure.ts'
import { visible, visibleText } from './visible.ts'
import { withObject, type FoundObject } from './with-object.ts'

/** Bytes that are read where nobody says how many. */
const usualLength = 16_384
/** Most tokens of the content of a read of the usual length. */
const maxTokens = 18_000

export const objectRead = tool({
  name: 'object_read',
  title: 'Read a file',
  description:
    'Reads a file, or a part: text, image, audio or base64. Use it to look at data; go on with offset = next_offset.',
  toolset: 'objects',
  scope: 'read',
  annotations: readOnly,
  input: z
    .strictObject({
      uri: addressArgument.optional(),
      package: packageArgument.optional().describe('With path'),
      path: z.string().min(1).max(4096).optional().describe('Logical key'),
      revision: revisionArgument,
      registry: registryArgument,
      offset: z.int().min(0).default(0).describe('First byte'),
      length: z.int().min(4).optional().describe('Bytes; default: 16384'),
      encoding: z.enum(['auto', 'text', 'base64']).default('auto').describe('How')
    })
    .refine(
      ({ uri, package: name, path, revision, registry }) =>
        uri === undefined
          ? name !== undefined && path !== undefined
          : [name, path, revision, registry].every((value) => value === undefined),
      'give either package and path, or uri alone'
    ),
  output: z.strictObject({
    uri: z.string().describe('Pinned'),
    type: z.string().describe('Media type by name'),
    size: z.int().describe('Bytes of the file'),
    offset: z.int().describe('First byte shown'),
    length: z.int().describe('Bytes shown'),
    encoding: z.enum(['text', 'base64', 'image', 'audio']).describe('image, audio: see content blocks'),
    content: z.string().optional().describe('Text or base64'),
    escaped: z.int().optional().describe('Invisible characters shown as \\u{…}'),
    next_offset: z.int().optional().describe('More: pass as offset')
  }),
  examples: [
    { package: 'climate/seattle-weather', path: 'seattle-weather.csv', length: 200 },
    { uri: 'quilt+file:///app/sample#package=biology/penguins&path=README.md' }
  ],
  handle: (args, context) =>
    withObject(args, context, async (found) => {
      const { maxReadBytes } = context.services
      const type = mediaType(found.key)
      const media = wantsMedia(args) ? mediaKind(type) : 'other'
      const asked = media === 'other' ? (args.length ?? usualLength) : maxReadBytes
      const { size, bytes } = await readBytes(
        await found.read({ offset: args.offset, length: Math.min(asked, maxReadBytes) })
      )
      if (args.offset > size)
        throw new ToolFailure('invalid-range', `${visible(found.key)} has ${String(size)} bytes`, {
          next: 'Use an offset from 0 to its size.'
        })
      if (media !== 'other' && bytes.length === size) return wholeMedia(found, media, type, bytes)
      return part(found, type, size, media === 'other' ? bytes : bytes.subarray(0, usualLength), args)
    })
})

interface ReadArguments {
  readonly offset: number
  readonly length?: number | undefined
  readonly encoding: 'auto' | 'text' | 'base64'
}

/** A client can show an image or play audio only as a whole. */
function wantsMedia({ offset, length, encoding }: ReadArguments): boolean {
  return encoding === 'auto' && offset === 0 && length === undefined
}

interface Read {
  readonly structured: {
    uri: string
    type: string
    size: number
    offset: number
    length: number
    encoding: 'text' | 'base64' | 'image' | 'audio'
    content?: string
    escaped?: number
    next_offset?: number
  }
  readonly line: string
  readonly content?: readonly ContentBlock[]
}

function wholeMedia({ uri, key }: FoundObject, kind: 'image' | 'audio', type: string, bytes: Buffer): Read {
  const { length } = bytes
  return {
    structured: { uri, type, size: length, offset: 0, length, encoding: kind },
    line: `${visible(key)}: ${type}, ${String(length)} bytes.`,
    content: [{ type: kind, data: bytes.toString('base64'), mimeType: type }]
  }
}

function part(
  { uri, key }: FoundObject,
  type: string,
  size: number,
  read: Buffer,
  args: ReadArguments
): Read {
  const bytes = args.length === undefined ? fitting(read) : read
  const { skipped, used, encoding, content } = decode(bytes, {
    encoding: args.encoding,
    isStart: args.offset === 0,
    isEnd: args.offset + bytes.length >= size
  })
  const offset = args.offset + skipped
  const end = offset + used
  const shown = encoding === 'text' ? visibleText(content) : content
  const escaped = shown === content ? 0 : countEscaped(content)
  return {
    structured: {
      uri,
      type,
      size,
      offset,
      length: used,
      encoding,
      content: shown,
      ...(escaped === 0 ? {} : { escaped }),
      ...(end < size ? { next_offset: end } : {})
    },
    line: `${visible(key)}: bytes ${String(offset)} to ${String(end)} of ${String(size)}, as ${encoding}.`
  }
}

/** The beginning of the bytes whose text takes no more tokens than a result may. */
function fitting(bytes: Buffer): Buffer {
  for (let length = bytes.length; length > 64; length = Math.ceil(length / 2)) {
    const start = bytes.subarray(0, length)
    if (estimatedTokens(visibleText(start.toString('utf8'))) <= maxTokens) return start
  }
  return bytes
}

function countEscaped(text: string): number {
  return Array.from(text).filter((character) => visibleText(character) !== character).length
}
