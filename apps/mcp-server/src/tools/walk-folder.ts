import type { CallOptions, FolderChild, Manifest, Page } from '@fast-mcp/quilt'
import { z } from 'zod'
import { ToolFailure } from './tool-failure.ts'

/** A folder that a walk is in the middle of: its path, and where to go on in it. */
interface Level {
  readonly path: string
  /** Cursor of the folder's list; undefined for its beginning. */
  readonly after: string | undefined
}

/** A child and the folder it lies in. */
export interface Walked {
  readonly folder: string
  readonly child: FolderChild
}

export interface WalkOptions extends CallOptions {
  /** Levels of folders: 1 lists the children alone. */
  readonly depth: number
  readonly limit: number
  readonly after?: string
}

/** Children asked for at once. */
const batch = 1000

/**
 * What lies below a folder down to a depth, in walk order, a page of it. The cursor holds the folders that the page
 * ended in, so nothing is walked twice. Throws QuiltError as `Manifest.folder` does, and ToolFailure `invalid-cursor`.
 */
export async function walkFolder(
  manifest: Manifest,
  path: string,
  options: WalkOptions
): Promise<Page<Walked>> {
  const { depth, limit, after, ...call } = options
  const open: Level[] = after === undefined ? [{ path, after: undefined }] : parseCursor(after, path, depth)
  const items: Walked[] = []
  for (let level = open.pop(); level !== undefined; level = open.pop()) {
    if (items.length === limit) return { items, next: formatCursor([...open, level]) }
    const { path: folder, after: from } = level
    const page = await manifest.folder(folder, {
      ...call,
      ...pageFrom(from, Math.min(batch, limit - items.length))
    })
    const within = page.items.findIndex(({ kind }) => kind === 'folder')
    const goesDown = within !== -1 && open.length + 1 < depth
    const taken = goesDown ? page.items.slice(0, within + 1) : page.items
    items.push(...taken.map((child) => ({ folder, child })))
    const next =
      taken.length === page.items.length
        ? page.next
        : (await manifest.folder(folder, { ...call, ...pageFrom(from, taken.length) })).next
    if (next !== undefined) open.push({ path: folder, after: next })
    const last = taken.at(-1)
    if (goesDown && last?.kind === 'folder') open.push({ path: last.path, after: undefined })
  }
  return { items, next: undefined }
}

function pageFrom(after: string | undefined, limit: number): { limit: number; after?: string } {
  return after === undefined ? { limit } : { limit, after }
}

const cursorSchema = z.array(z.tuple([z.string(), z.string().nullable()])).min(1)

function formatCursor(levels: readonly Level[]): string {
  return Buffer.from(JSON.stringify(levels.map(({ path, after }) => [path, after ?? null]))).toString(
    'base64url'
  )
}

function parseCursor(cursor: string, path: string, depth: number): Level[] {
  try {
    const levels = cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
    if (levels.length <= depth && levels.every(([folder]) => folder.startsWith(path)))
      return levels.map(([folder, after]) => ({ path: folder, after: after ?? undefined }))
  } catch {
    // What is no JSON is no cursor either.
  }
  throw new ToolFailure('invalid-cursor', 'the cursor is not one of this list', {
    next: 'Start again without cursor, and pass next_cursor on unchanged with the same path and depth.'
  })
}
