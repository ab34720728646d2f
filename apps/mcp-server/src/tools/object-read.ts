import { parseQuiltUri, type Entry, type Registry } from '@fast-mcp/quilt'
import { z } from 'zod'
import { packageArgument, registryArgument, revisionArgument, topHash } from './arguments.ts'
import { decode } from './decode.ts'
import { withRevision, type RevisionArguments } from './revision.ts'
import { readOnly, tool, type ToolContext } from './tool.ts'
import { ToolFailure } from './tool-failure.ts'
import { visible } from './visible.ts'

export const objectRead = tool({
  name: 'object_read',
  title: 'Read a file',
  description:
    'Reads a file of a package, or a part of it, as text or base64. Use it to look at data or documentation. Name the file by package and path (package_browse lists the paths) or by one quilt+s3:// or quilt+file:// URI. A result holds only part of a large file: call again with offset = next_offset for more.',
  toolset: 'objects',
  scope: 'read',
  annotations: readOnly,
  input: z
    .strictObject({
      package: packageArgument.optional(),
      path: z.string().min(1).max(4096).optional().describe('Logical key of the file in the package'),
      revision: revisionArgument,
      registry: registryArgument,
      uri: z
        .string()
        .max(8192)
        .optional()
        .describe('Instead of all of these: quilt+s3://bucket#package=namespace/name@hash&path=file'),
      offset: z.int().min(0).default(0).describe('First byte to read'),
      length: z.int().min(4).default(16_384).describe('Most bytes to read; the server has a cap'),
      encoding: z
        .enum(['auto', 'text', 'base64'])
        .default('auto')
        .describe('auto: text where the bytes are UTF-8, else base64')
    })
    .refine(
      ({ uri, package: name, path, revision, registry }) =>
        uri === undefined
          ? name !== undefined && path !== undefined
          : [name, path, revision, registry].every((value) => value === undefined),
      'give either package and path, or uri alone'
    ),
  output: z.strictObject({
    registry: z.string(),
    package: z.string(),
    top_hash: topHash,
    path: z.string(),
    size: z.int().describe('Bytes of the whole file'),
    offset: z.int().describe('First byte of content'),
    length: z.int().describe('Bytes that content stands for'),
    encoding: z.enum(['text', 'base64']),
    content: z.string(),
    next_offset: z.int().optional().describe('Where to go on; missing at the end of the file')
  }),
  examples: [
    { package: 'climate/seattle-weather', path: 'README.md' },
    { package: 'climate/seattle-weather', path: 'seattle-weather.csv', length: 200 },
    {
      package: 'transport/flights',
      path: 'flights-200k.arrow',
      offset: 1024,
      length: 64,
      encoding: 'base64'
    },
    { uri: 'quilt+file:///app/sample#package=biology/penguins&path=README.md' }
  ],
  handle: (args, context) => {
    const { path, ...named } = target(args)
    return withRevision(named, context, async (manifest, registry) => {
      const entry = await manifest.entry(path, { signal: context.signal })
      if (entry === undefined)
        throw new ToolFailure('entry-not-found', `${visible(named.package)} has no file ${visible(path)}`, {
          next: 'List the paths with package_browse.'
        })
      const length = Math.min(args.length, context.services.maxReadBytes)
      const { size, bytes } = await readRange(registry, entry, args.offset, length, context)
      if (args.offset > size)
        throw new ToolFailure('invalid-range', `${visible(path)} has ${String(size)} bytes`, {
          next: 'Use an offset from 0 to its size.'
        })
      const { skipped, used, ...decoded } = decode(bytes, {
        encoding: args.encoding,
        isStart: args.offset === 0,
        isEnd: args.offset + bytes.length >= size
      })
      const offset = args.offset + skipped
      const end = offset + used
      return {
        structured: {
          registry: registry.uri,
          package: named.package,
          top_hash: manifest.topHash,
          path,
          size,
          offset,
          length: used,
          ...decoded,
          ...(end < size ? { next_offset: end } : {})
        },
        line: `${visible(path)}: bytes ${String(offset)} to ${String(end)} of ${String(size)}, as ${decoded.encoding}.`
      }
    })
  }
})

interface ReadArguments {
  readonly package?: string | undefined
  readonly registry?: string | undefined
  readonly revision?: string | undefined
  readonly path?: string | undefined
  readonly uri?: string | undefined
}

function target(args: ReadArguments): RevisionArguments & { readonly path: string } {
  if (args.uri === undefined) return named(args.package, args.path, args)
  const uri = parseQuiltUri(args.uri)
  return named(uri.packageName, uri.path, { registry: uri.registry, revision: uri.hash ?? uri.tag })
}

function named(
  name: string | undefined,
  path: string | undefined,
  { registry, revision }: Pick<ReadArguments, 'registry' | 'revision'>
): RevisionArguments & { readonly path: string } {
  if (name === undefined || path === undefined)
    throw new ToolFailure('invalid-arguments', 'the URI names no file', {
      next: 'Add &path= and the logical key of a file; package_browse lists them.'
    })
  return { package: name, path, registry, revision }
}

async function readRange(
  registry: Registry,
  entry: Entry,
  offset: number,
  length: number,
  { signal }: ToolContext
): Promise<{ readonly size: number; readonly bytes: Buffer }> {
  const { size, body } = await registry.read(entry, { offset, length }, { signal })
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return { size, bytes: Buffer.concat(chunks) }
}
