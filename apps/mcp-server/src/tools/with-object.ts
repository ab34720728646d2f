import {
  formatPhysicalKey,
  parseQuiltUri,
  type ByteRange,
  type Entry,
  type ObjectContent
} from '@fast-mcp/quilt'
import type { ServedRegistry } from '../registries.ts'
import { addressOf, locate, packageUri, type Place } from './access.ts'
import { withRevision } from './revision.ts'
import type { ToolContext } from './tool.ts'
import { ToolFailure } from './tool-failure.ts'
import { visible } from './visible.ts'

/** How the arguments of a tool name one file: by its address, or by package and path. */
export interface ObjectArguments {
  readonly uri?: string | undefined
  readonly package?: string | undefined
  readonly path?: string | undefined
  readonly revision?: string | undefined
  readonly registry?: string | undefined
}

/** One file: an entry of a package, or an object of a bucket or folder. */
export interface FoundObject {
  /** Its address: with the top hash for an entry. */
  readonly uri: string
  /** Logical key, or key. */
  readonly key: string
  /** Where the bytes are. */
  readonly physicalKey: string
  readonly registry: ServedRegistry
  readonly entry?: Entry
  readonly place?: Place
  read(range: ByteRange): Promise<ObjectContent>
}

/** Finds a file and lets `use` work with it. Throws ToolFailure where the arguments name none, and QuiltError. */
export function withObject<T>(
  args: ObjectArguments,
  context: ToolContext,
  use: (found: FoundObject) => Promise<T>
): Promise<T> {
  const { uri } = args
  if (uri === undefined) return withEntry(args, context, use)
  if (!uri.startsWith('quilt+')) return locate(context, uri).then((place) => use(objectAt(place, context)))
  const parsed = parseQuiltUri(uri)
  return withEntry(
    {
      package: parsed.packageName,
      path: parsed.path,
      registry: parsed.registry,
      revision: parsed.hash ?? parsed.tag
    },
    context,
    use
  )
}

function withEntry<T>(
  { package: name, path, registry: uri, revision }: ObjectArguments,
  context: ToolContext,
  use: (found: FoundObject) => Promise<T>
): Promise<T> {
  if (name === undefined || path === undefined)
    throw new ToolFailure('invalid-arguments', 'no file is named', {
      next: 'Give uri, or package and path; a quilt+ URI needs &path= and the logical key. package_browse lists them.'
    })
  const { signal } = context
  return withRevision({ package: name, registry: uri, revision }, context, async (manifest, registry) => {
    const entry = await manifest.entry(path, { signal })
    if (entry === undefined)
      throw new ToolFailure('entry-not-found', `${visible(name)} has no file ${visible(path)}`, {
        next: 'List the paths with package_browse, or look for the name with search.'
      })
    return use({
      uri: packageUri(registry.uri, name, manifest.topHash, path),
      key: path,
      physicalKey: formatPhysicalKey(entry.physicalKey),
      registry,
      entry,
      read: (range) => registry.read(entry, range, { signal })
    })
  })
}

function objectAt(place: Place, { signal }: ToolContext): FoundObject {
  const { registry, store, key, versionId } = place
  if (key === '' || key.endsWith('/'))
    throw new ToolFailure('invalid-address', 'the address names a folder, not a file', {
      next: 'List what is in it with objects_list.'
    })
  const uri = addressOf(registry, key, versionId)
  return {
    uri,
    key,
    physicalKey: uri,
    registry,
    place,
    read: ({ offset, length }) =>
      store.read(key, {
        signal,
        start: offset,
        ...(length === undefined ? {} : { end: offset + length }),
        ...(versionId === undefined ? {} : { versionId })
      })
  }
}
