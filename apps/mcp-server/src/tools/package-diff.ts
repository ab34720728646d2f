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
import { withTwoRevisions } from './revision.ts'
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
    'Files added, modified or deleted between revisions or packages. Use it to see what a push changed.',
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
    const first = { ...args, revision: args.from }
    const second = { package: args.other_package ?? args.package, registry: args.registry, revision: args.to }
    return withTwoRevisions(first, second, context, async (before, after, registry) => {
      const from = args.cursor === undefined ? undefined : parseCursor(args.cursor, before, after)
      const { counts, page } = await compare(before, after, from, args.limit, context)
      const changes = fittingItems(page.map(describe))
      const last = changes.at(-1)
      const shown = (from?.shown ?? 0) + changes.length
      const isMore = shown < counts.added + counts.modified + counts.deleted
      return {
        structured: {
          registry: registry.uri,
          package: args.package,
          from: before.topHash,
          to: after.topHash,
          counts,
          meta_changed: !pythonEqual(before.header.userMeta ?? null, after.header.userMeta ?? null),
          changes,
          ...(isMore && last !== undefined
            ? { next_cursor: formatCursor(before, after, { after: last.path, shown, counts }) }
            : {})
        },
        line: `${visible(args.package)}: ${String(counts.added)} added, ${String(counts.modified)} modified, ${String(counts.deleted)} deleted.`
      }
    })
  }
})

type Counts = Record<Difference['kind'], number>

/** Where a page begins. The counts of all pages are known from the first one, so that later ones read no more than they show. */
interface Start {
  /** Logical key that the page before ended with. */
  readonly after: string
  /** Differences on the pages before. */
  readonly shown: number
  readonly counts: Counts
}

/** The differences of one page, and how many there are in all. */
async function compare(
  before: Manifest,
  after: Manifest,
  start: Start | undefined,
  limit: number,
  context: ToolContext
): Promise<{ readonly counts: Counts; readonly page: readonly Difference[] }> {
  const counts = { added: 0, modified: 0, deleted: 0 }
  const page: Difference[] = []
  if (before.topHash === after.topHash) return { counts, page }
  const options = { signal: context.signal, ...(start === undefined ? {} : { after: start.after }) }
  let seen = 0
  for await (const batch of differences(before, after, options)) {
    for (const difference of batch) {
      counts[difference.kind]++
      if (page.length < limit) page.push(difference)
    }
    if (start !== undefined && page.length === limit) break
    seen += batch.length
    context.progress(seen, undefined, 'differences found')
  }
  return { counts: start?.counts ?? counts, page }
}

const count = z.int().min(0)

const cursorSchema = z.tuple([z.string(), z.string(), z.string(), count, count, count, count])

function formatCursor(before: Manifest, after: Manifest, { after: key, shown, counts }: Start): string {
  const { added, modified, deleted } = counts
  const parts: z.output<typeof cursorSchema> = [
    before.topHash.slice(0, pinLength),
    after.topHash.slice(0, pinLength),
    key,
    shown,
    added,
    modified,
    deleted
  ]
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}

/** Digits of the top hashes that a cursor holds. */
const pinLength = 16

function parseCursor(cursor: string, before: Manifest, after: Manifest): Start {
  const [from, to, key, shown, added, modified, deleted] = readCursor(cursor)
  if (!before.topHash.startsWith(from) || !after.topHash.startsWith(to))
    throw new ToolFailure('invalid-cursor', 'the cursor is one of other revisions', {
      next: 'Name the revisions of the first page, its from and to, in both calls; or start again without cursor.'
    })
  return { after: key, shown, counts: { added, modified, deleted } }
}

function readCursor(cursor: string): z.output<typeof cursorSchema> {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
  } catch (cause) {
    throw new ToolFailure('invalid-cursor', 'the cursor is not one of this list', {
      next: 'Start again without cursor, and pass next_cursor on unchanged.',
      cause
    })
  }
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
