import { toPlain, type FolderChild, type JsonValue } from '@fast-mcp/quilt'
import { z } from 'zod'
import {
  cursorArgument,
  limitArgument,
  nextCursor,
  packageArgument,
  registryArgument,
  revisionArgument,
  topHash
} from './arguments.ts'
import { cursorOf, fittingPage, pageOptions } from './page.ts'
import { withRevision } from './revision.ts'
import { readOnly, tool } from './tool.ts'
import { visible } from './visible.ts'

/** Metadata larger than this, as JSON, is left out and said to be. */
const maxMetaBytes = 8192

export const packageBrowse = tool({
  name: 'package_browse',
  title: 'Browse a package',
  description:
    'Shows one folder of a package revision: files with size and hash, subfolders with how much is in them, and the metadata of the folder (for the root: of the package). Use it to look around; read a file with object_read.',
  toolset: 'packages',
  scope: 'read',
  annotations: readOnly,
  input: z.strictObject({
    package: packageArgument,
    path: z.string().max(4096).default('').describe('Folder to show, such as "data/"; default: the root'),
    revision: revisionArgument,
    registry: registryArgument,
    limit: limitArgument,
    cursor: cursorArgument
  }),
  output: z.strictObject({
    registry: z.string(),
    package: z.string(),
    top_hash: topHash,
    message: z.string().nullable().describe('What the author said of the revision'),
    files: z.int().describe('Files in the whole package'),
    bytes: z.int().describe('Bytes in the whole package'),
    folder: z.strictObject({
      path: z.string(),
      files: z.int().describe('Files in the folder, at any depth'),
      bytes: z.int(),
      meta: z.unknown().optional().describe('Metadata of the folder'),
      meta_omitted: z.int().optional().describe('Size in bytes of metadata too large to show here')
    }),
    children: z.array(
      z.discriminatedUnion('kind', [
        z.strictObject({
          kind: z.literal('file'),
          path: z.string().describe('Logical key'),
          size: z.int().optional(),
          hash: z.string().optional().describe('type:value')
        }),
        z.strictObject({
          kind: z.literal('folder'),
          path: z.string(),
          files: z.int(),
          bytes: z.int()
        })
      ])
    ),
    next_cursor: nextCursor
  }),
  examples: [
    { package: 'climate/seattle-weather' },
    { package: 'transport/flights', path: 'samples/' },
    { package: 'biology/penguins', limit: 1 }
  ],
  handle: (args, context) =>
    withRevision(args, context, async (manifest, registry) => {
      const path = args.path === '' || args.path.endsWith('/') ? args.path : `${args.path}/`
      const { page, items } = await fittingPage(
        args.limit,
        (asked) => manifest.folder(path, pageOptions(args.cursor, asked, context.signal)),
        (child) => describeChild(path, child)
      )
      return {
        structured: {
          registry: registry.uri,
          package: args.package,
          top_hash: manifest.topHash,
          message: manifest.header.message,
          files: manifest.files,
          bytes: manifest.bytes,
          folder: { path: page.path, files: page.files, bytes: page.bytes, ...describeMeta(page.meta) },
          children: items,
          ...cursorOf(page)
        },
        line: `${String(items.length)} items of ${visible(path === '' ? args.package : `${args.package}, ${path}`)}${page.next === undefined ? '.' : '; there are more.'}`
      }
    })
})

type Child =
  | { kind: 'file'; path: string; size?: number; hash?: string }
  | { kind: 'folder'; path: string; files: number; bytes: number }

function describeChild(folder: string, child: FolderChild): Child {
  if (child.kind === 'folder')
    return { kind: 'folder', path: child.path, files: child.files, bytes: child.bytes }
  const { size, hash } = child.entry
  return {
    kind: 'file',
    path: `${folder}${child.name}`,
    ...(size === undefined ? {} : { size }),
    ...(hash === undefined ? {} : { hash: `${hash.type}:${hash.value}` })
  }
}

function describeMeta(meta: JsonValue | undefined): { meta?: unknown; meta_omitted?: number } {
  if (meta === undefined) return {}
  const plain = toPlain(meta)
  const size = Buffer.byteLength(JSON.stringify(plain))
  return size > maxMetaBytes ? { meta_omitted: size } : { meta: plain }
}
