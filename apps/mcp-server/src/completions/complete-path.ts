import { isQuiltError, type Manifest } from '@fast-mcp/quilt'
import type { CallContext } from '../protocol/method.ts'
import type { ServedRegistry } from '../registries.ts'
import type { Completion, CompletionRequest } from './complete.ts'

const maxValues = 100
/** Children of one folder that are looked at; in a larger folder the index of keys is searched instead. */
const maxChildren = 10_000

/**
 * Logical keys of a package: what is in the folder that was typed so far and begins like the rest, folders with `/` at
 * the end; where nothing does, keys that contain it anywhere.
 */
export async function completePath(
  registry: ServedRegistry,
  known: CompletionRequest['known'],
  value: string,
  { signal }: CallContext
): Promise<Completion> {
  const { package: name, revision } = known
  if (name === undefined) return { values: [], hasMore: false }
  const manifest = await registry.open(await registry.resolve(name, revision, { signal }), { signal })
  try {
    const folder = value.slice(0, value.lastIndexOf('/') + 1)
    const { paths, isWhole } = await childrenOf(manifest, folder, signal)
    const children = paths.filter((path) => path.startsWith(value))
    if (children.length > 0 && isWhole)
      return {
        values: children.slice(0, maxValues),
        total: children.length,
        hasMore: children.length > maxValues
      }
    if (value === '') return { values: children.slice(0, maxValues), hasMore: true }
    const found = await manifest.search({ text: value, in: 'keys', limit: maxValues, signal })
    return {
      values: found.items.map(({ logicalKey }) => logicalKey),
      total: found.total,
      hasMore: found.next !== undefined
    }
  } finally {
    await manifest.close()
  }
}

/** The first children of a folder, folders with `/` at the end; none where there is no such folder. */
async function childrenOf(
  manifest: Manifest,
  folder: string,
  signal: AbortSignal
): Promise<{ readonly paths: readonly string[]; readonly isWhole: boolean }> {
  try {
    const { items, next } = await manifest.folder(folder, { limit: maxChildren, signal })
    const paths = items.map((child) => (child.kind === 'folder' ? child.path : `${folder}${child.name}`))
    return { paths, isWhole: next === undefined }
  } catch (error) {
    if (isQuiltError(error, 'folder-not-found')) return { paths: [], isWhole: true }
    throw error
  }
}
