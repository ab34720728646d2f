import { fromPlain, parseQuiltUri, type PackageBuilder, type Source } from '@fast-mcp/quilt'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { locate, physicalKeyIn, registryOf, type Place } from './access.ts'
import { metaArgument } from './arguments.ts'
import type { BytesByKey } from './push-progress.ts'
import type { ToolContext } from './tool.ts'
import { ToolFailure } from './tool-failure.ts'
import { visible } from './visible.ts'

/** Files that one call names one by one. */
const maxSources = 1000

const sourceSchema = z.strictObject({
  path: z.string().min(1).max(4096).optional().describe('Logical key; default: file name of uri'),
  uri: z.string().min(1).max(8192).optional().describe('s3://, file:// or quilt+ URI of the bytes'),
  text: z.string().optional().describe('Or the bytes as text'),
  base64: z.base64().optional().describe('Or in base64'),
  meta: metaArgument.optional().describe('Metadata of the file')
})

/** Files to put into a package. */
export const sourcesArgument = z.array(sourceSchema).max(maxSources)

export type PackageSource = z.output<typeof sourceSchema>

/** Where bytes come from, and how many there are. */
interface Found {
  readonly source: Source
  /** Undefined where the package they are in does not say. */
  readonly size: number | undefined
}

/**
 * Puts files into a package that is being built, and says how large they are. What stays open for the push is given to
 * `open`. Throws ToolFailure for a source that is none or is not there, and QuiltError for keys that cannot be.
 */
export async function addSources(
  builder: PackageBuilder,
  sources: readonly PackageSource[],
  context: ToolContext,
  open: AsyncDisposableStack
): Promise<BytesByKey> {
  const seen = new Set<string>()
  const sizes = new Map<string, number>()
  for (const source of sources) {
    const key = keyOf(source)
    if (seen.has(key))
      throw new ToolFailure('key-conflict', `${visible(key)} is named twice`, {
        next: 'Give every file a path of its own.'
      })
    seen.add(key)
    const meta = source.meta === undefined ? undefined : fromPlain(source.meta)
    const found = await find(source, key, context, open)
    if (found !== undefined) {
      builder.set(key, found.source, meta)
      sizes.set(key, found.size ?? 0)
    } else if (meta !== undefined) builder.setEntryMeta(key, meta)
  }
  return sizes
}

/** The logical key of a source. */
function keyOf({ path, uri }: PackageSource): string {
  if (path !== undefined) return path
  if (uri === undefined)
    throw new ToolFailure('invalid-arguments', 'a file has neither path nor uri', { next: 'Give it a path.' })
  const named = uri.startsWith('quilt+') ? parseQuiltUri(uri).path : decodeURIComponent(new URL(uri).pathname)
  return posix.basename(named ?? '')
}

async function find(
  source: PackageSource,
  key: string,
  context: ToolContext,
  open: AsyncDisposableStack
): Promise<Found | undefined> {
  const given = [source.uri, source.text, source.base64].filter((value) => value !== undefined)
  if (given.length > 1 || (given.length === 0 && source.meta === undefined))
    throw new ToolFailure('invalid-arguments', `${visible(key)} has no source, or more than one`, {
      next: 'Give it exactly one of uri, text and base64; in a patch, meta alone changes the metadata of a file.'
    })
  if (source.text !== undefined) return inMemory(Buffer.from(source.text))
  if (source.base64 !== undefined) return inMemory(Buffer.from(source.base64, 'base64'))
  if (source.uri === undefined) return undefined
  if (source.uri.startsWith('quilt+')) return entryOf(source.uri, context, open)
  return existing(await locate(context, source.uri), context)
}

function inMemory(bytes: Buffer): Found {
  return { source: bytes, size: bytes.length }
}

async function entryOf(uri: string, context: ToolContext, open: AsyncDisposableStack): Promise<Found> {
  const { registry: name, packageName, hash, tag, path } = parseQuiltUri(uri)
  const { signal } = context
  const registry = await registryOf(context, name)
  const manifest = await registry.open(await registry.resolve(packageName, hash ?? tag, { signal }), {
    signal
  })
  open.defer(() => manifest.close())
  if (path === undefined || path.endsWith('/'))
    throw new ToolFailure('invalid-address', `the address names no file of ${visible(packageName)}`, {
      next: 'Add &path= and the logical key of a file; package_browse lists them.'
    })
  const entry = await manifest.entry(path, { signal })
  if (entry !== undefined) return { source: entry, size: entry.size }
  throw new ToolFailure('entry-not-found', `${visible(packageName)} has no file ${visible(path)}`, {
    next: 'List the paths with package_browse.'
  })
}

async function existing(place: Place, { signal }: ToolContext): Promise<Found> {
  const { store, key, versionId } = place
  if (key === '' || key.endsWith('/'))
    throw new ToolFailure('invalid-address', 'the address names a folder, not a file', {
      next: 'Name its files one by one, or publish all of it with package_create_from_prefix.'
    })
  const head = await store.head(key, { signal, ...(versionId === undefined ? {} : { versionId }) })
  if (head !== undefined) return { source: sourceAt(place), size: head.size }
  throw new ToolFailure('object-not-found', `there is no object ${visible(key)} in ${place.registry.uri}`, {
    next: 'List what there is with objects_list.'
  })
}

/** An object as the source of an entry. A file is read where it lies: its registry may be said to be elsewhere. */
export function sourceAt({ registry, store, key, versionId }: Place): Source {
  return store.uri.startsWith('file:')
    ? { file: posix.join(fileURLToPath(store.uri), key) }
    : { object: physicalKeyIn(registry, key, versionId) }
}
