import type { FolderPage, Manifest } from '@fast-mcp/quilt'
import { z } from 'zod'
import {
  cursorArgument,
  limitArgument,
  nextCursor,
  packageArgument,
  packageName,
  registryArgument,
  registryUri,
  revisionArgument,
  topHash
} from './arguments.ts'
import { describeEntry, entryOutput, type DescribedEntry } from './describe-entry.ts'
import { describeMeta, metaOutput } from './describe-meta.ts'
import { resourceLinks } from './links.ts'
import { cursorOf, ending, fittingPage, pageOptions } from './page.ts'
import { withRevision } from './revision.ts'
import { readOnly, tool } from './tool.ts'
import { shownKey, visible } from './visible.ts'
import { walkFolder, type Walked } from './walk-folder.ts'

/** Most file types that a summary names. */
const maxTypes = 20

export const packageBrowse = tool({
  name: 'package_browse',
  title: 'Browse a package',
  description: 'Files and subfolders of a package. Use it to look around; object_read reads files.',
  toolset: 'packages',
  scope: 'read',
  annotations: readOnly,
  input: z.strictObject({
    package: packageArgument,
    path: z.string().max(4096).default('').describe('Folder'),
    depth: z.int().min(1).max(20).default(1).describe('Levels of folders'),
    summary: z.boolean().default(false).describe('Count file types too'),
    revision: revisionArgument,
    registry: registryArgument,
    limit: limitArgument,
    cursor: cursorArgument
  }),
  output: z.strictObject({
    registry: registryUri,
    package: packageName,
    top_hash: topHash,
    message: z.string().nullable().describe('Commit message'),
    files: z.int().describe('In the package'),
    bytes: z.int().describe('In the package'),
    folder: z
      .strictObject({
        path: z.string().describe('Logical key of the folder'),
        files: z.int().describe('Files in the folder, at any depth'),
        bytes: z.int().describe('Their bytes'),
        ...metaOutput
      })
      .describe('{path, files, bytes, meta}'),
    children: z
      .array(
        z.discriminatedUnion('kind', [
          z.strictObject({ kind: z.literal('file').describe('A file'), ...entryOutput }),
          z.strictObject({
            kind: z.literal('folder').describe('A folder'),
            path: z.string().describe('Logical key, with / at the end'),
            shown: entryOutput.shown,
            files: z.int().describe('Files in it, at any depth'),
            bytes: z.int().describe('Their bytes')
          })
        ])
      )
      .describe('{kind: file, path, size, hash} or {kind: folder, path, files, bytes}'),
    types: z
      .array(
        z.strictObject({
          extension: z.string().describe('In lower case; empty for none'),
          files: z.int().describe('Files of it'),
          bytes: z.int().describe('Their bytes')
        })
      )
      .optional()
      .describe('{extension, files, bytes}'),
    next_cursor: nextCursor
  }),
  examples: [{ package: 'climate/seattle-weather', depth: 3, summary: true, limit: 5 }],
  handle: (args, context) =>
    withRevision(args, context, async (manifest, registry) => {
      const path = args.path === '' || args.path === '/' ? '' : `${args.path.replace(/\/$/, '')}/`
      const { signal } = context
      const { page, items } = await fittingPage<Listed, Child>(
        args.limit,
        (limit): Promise<Listed> =>
          args.depth === 1
            ? oneFolder(manifest, path, pageOptions(args.cursor, limit, signal))
            : deepFolder(manifest, path, { ...pageOptions(args.cursor, limit, signal), depth: args.depth }),
        describeChild
      )
      const types = args.summary
        ? (await manifest.summary(path, { signal })).types.slice(0, maxTypes)
        : undefined
      const { topHash: hash } = manifest
      return {
        structured: {
          registry: registry.uri,
          package: args.package,
          top_hash: hash,
          message: manifest.header.message === null ? null : visible(manifest.header.message),
          files: manifest.files,
          bytes: manifest.bytes,
          folder: {
            path: page.folder.path,
            files: page.folder.files,
            bytes: page.folder.bytes,
            ...describeMeta(page.folder.meta)
          },
          children: items,
          ...(types === undefined ? {} : { types: types.map((type) => ({ ...type })) }),
          ...cursorOf(page)
        },
        line: `${String(items.length)} items of ${visible(path === '' ? args.package : `${args.package}, ${path}`)}${ending(page)}`,
        content: resourceLinks(
          registry.uri,
          items.flatMap((item) =>
            item.kind === 'file' ? [{ package: args.package, hash, path: item.path }] : []
          )
        )
      }
    })
})

type Listed = {
  readonly items: readonly Walked[]
  readonly next: string | undefined
  readonly folder: FolderPage
}

async function oneFolder(
  manifest: Manifest,
  path: string,
  options: Parameters<Manifest['folder']>[1]
): Promise<Listed> {
  const folder = await manifest.folder(path, options)
  return { items: folder.items.map((child) => ({ folder: path, child })), next: folder.next, folder }
}

async function deepFolder(
  manifest: Manifest,
  path: string,
  options: Parameters<typeof walkFolder>[2]
): Promise<Listed> {
  const folder = await manifest.folder(path, { limit: 1 })
  return { ...(await walkFolder(manifest, path, options)), folder }
}

type Child =
  | ({ kind: 'file' } & DescribedEntry)
  | { kind: 'folder'; path: string; shown?: string; files: number; bytes: number }

function describeChild({ folder, child }: Walked): Child {
  if (child.kind === 'file') return { kind: 'file', ...describeEntry(`${folder}${child.name}`, child.entry) }
  const { path, files, bytes } = child
  return { kind: 'folder', path, ...shownKey(path), files, bytes }
}
