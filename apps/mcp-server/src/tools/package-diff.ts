import { differences, pythonEqual, type Difference, type Manifest } from '@fast-mcp/quilt'
import { z } from 'zod'
import {
  cursorArgument,
  limitArgument,
  nextCursor,
  packageArgument,
  packageName,
  registryArgument,
  registryUri
} from './arguments.ts'
import { describeEntry } from './describe-entry.ts'
import { fittingItems } from './page.ts'
import { withRevision } from './revision.ts'
import { readOnly, tool, type ToolContext } from './tool.ts'
import { ToolFailure } from './tool-failure.ts'
import { shownKey, visible } from './visible.ts'

const side = z
  .strictObject({
    size: z.int().optional().describe('Bytes'),
    hash: z.string().optional().describe('type:value')
  })
  .optional()

export const packageDiff = tool({
  name: 'package_diff',
  title: 'Compare revisions',
  description:
    'Files added, modified or deleted from one revision or package to another. Use it to see what a push changed.',
  toolset: 'packages',
  scope: 'read',
  annotations: readOnly,
  input: z.strictObject({
    package: packageArgument,
    from: z.string().min(1).max(256).default('latest').describe('Older revision'),
    to: z.string().min(1).max(256).default('latest').describe('Newer revision'),
    other_package: packageArgument.optional().describe('Package of to'),
    registry: registryArgument,
    limit: limitArgument,
    cursor: cursorArgument
  }),
  output: z.strictObject({
    registry: registryUri,
    package: packageName,
    from: z.string().describe('Top hash'),
    to: z.string().describe('Top hash'),
    counts: z
      .strictObject({
        added: z.int().describe('Files only in to'),
        modified: z.int().describe('Files in both that differ'),
        deleted: z.int().describe('Files only in from')
      })
      .describe('{added, modified, deleted}'),
    meta_changed: z.boolean().describe('Package metadata differs'),
    changes: z
      .array(
        z.strictObject({
          kind: z.enum(['added', 'modified', 'deleted']).describe('What happened'),
          path: z.string().describe('Logical key'),
          shown: z.string().optional().describe('The path with invisible characters as \\u{…}'),
          before: side.describe('The file in from'),
          after: side.describe('The file in to')
        })
      )
      .describe('{kind, path, before, after}'),
    next_cursor: nextCursor
  }),
  examples: [{ package: 'biology/penguins', from: '1756717200' }],
  handle: (args, context) => {
    const to = { package: args.other_package ?? args.package, registry: args.registry, revision: args.to }
    return withRevision({ ...args, revision: args.from }, context, (before, registry) =>
      withRevision(to, context, async (after) => {
        const start = args.cursor === undefined ? 0 : parseCursor(args.cursor)
        const { counts, page } = await compare(before, after, start, args.limit, context)
        const changes = fittingItems(page.map(describe))
        const end = start + changes.length
        const total = counts.added + counts.modified + counts.deleted
        return {
          structured: {
            registry: registry.uri,
            package: args.package,
            from: before.topHash,
            to: after.topHash,
            counts,
            meta_changed: !pythonEqual(before.header.userMeta ?? null, after.header.userMeta ?? null),
            changes,
            ...(end < total ? { next_cursor: String(end) } : {})
          },
          line: `${visible(args.package)}: ${String(counts.added)} added, ${String(counts.modified)} modified, ${String(counts.deleted)} deleted.`
        }
      })
    )
  }
})

/** Counts all differences and keeps those of one page. */
async function compare(
  before: Manifest,
  after: Manifest,
  start: number,
  limit: number,
  { signal, progress }: Pick<ToolContext, 'signal' | 'progress'>
): Promise<{ readonly counts: Record<Difference['kind'], number>; readonly page: readonly Difference[] }> {
  const counts = { added: 0, modified: 0, deleted: 0 }
  const page: Difference[] = []
  let seen = 0
  if (before.topHash === after.topHash) return { counts, page }
  for await (const batch of differences(before, after, { signal })) {
    for (const difference of batch) {
      counts[difference.kind]++
      if (seen >= start && page.length < limit) page.push(difference)
      seen++
    }
    progress(seen, undefined, 'differences found')
  }
  return { counts, page }
}

function parseCursor(cursor: string): number {
  if (/^\d{1,12}$/.test(cursor)) return Number(cursor)
  throw new ToolFailure('invalid-cursor', 'the cursor is not one of this list', {
    next: 'Start again without cursor, and pass next_cursor on unchanged.'
  })
}

interface Change {
  kind: Difference['kind']
  path: string
  shown?: string
  before?: { size?: number; hash?: string }
  after?: { size?: number; hash?: string }
}

function describe(difference: Difference): Change {
  const { kind, logicalKey: path } = difference
  const sideOf = (entry: Parameters<typeof describeEntry>[1]): { size?: number; hash?: string } => {
    const { size, hash } = describeEntry(path, entry)
    return { ...(size === undefined ? {} : { size }), ...(hash === undefined ? {} : { hash }) }
  }
  return {
    kind,
    path,
    ...shownKey(path),
    ...('before' in difference ? { before: sideOf(difference.before) } : {}),
    ...('after' in difference ? { after: sideOf(difference.after) } : {})
  }
}
