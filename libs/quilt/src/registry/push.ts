import { QuiltError } from '../error.ts'
import type { JsonObject } from '../json/value.ts'
import { checkLogicalKey, checkPackageName } from '../names.ts'
import { parsePhysicalKey } from '../physical-key.ts'
import type { Entry, PhysicalKey } from '../types.ts'
import { applyWorkflow } from './apply-workflow.ts'
import { latest } from './layout.ts'
import { orderedMap } from '../store/ordered-map.ts'
import { isEntry, type PackageBuilder, type PendingEntry } from './package-builder.ts'
import type {
  BringOptions,
  BuildOptions,
  DataWriter,
  Pushed,
  PushOptions,
  Selection
} from './package-writer.ts'
import { readPointer, type Pointer } from './pointers.ts'
import { publish } from './publish.ts'
import type { RegistryPlace } from './registry-place.ts'

/** Entries whose data is copied or hashed at once. */
const concurrency = 8

/** See PackageBuilder.push. Source: quilt3 8.0.0, packages.py `_push`. */
export async function push(
  place: RegistryPlace,
  builder: PackageBuilder,
  name: string,
  options: PushOptions
): Promise<Pushed> {
  checkPackageName(name)
  checkTexts(options)
  const destinationOf = destinations(options.destination, place.store.uri)
  const workflow = await applyWorkflow(place, builder, name, options)
  const checkParent = parentCheck(place, builder, name, options.force === true)
  if (options.force !== true) checkParent(await readPointer(place.store, place.layout, name, latest, options))
  const writer = await place.dataWriter()
  const isBucket = place.store.uri.startsWith('s3:')
  const bring = async (entry: PendingEntry, call: BringOptions): Promise<Entry> => {
    const { source, logicalKey } = entry
    // quilt3 sets every entry anew in what it pushes, also those of the base
    if (isBucket) checkLogicalKey(logicalKey)
    const key = keyOf(source)
    if (key !== undefined && !isSelected(options.select ?? 'new', entry, key, writer))
      return await writer.complete(entry, call)
    const destination = destinationOf(logicalKey, source) ?? writer.destination(name, logicalKey)
    if (key !== undefined && isSamePlace(key, destination)) return await writer.complete(entry, call)
    return await writer.copy(entry, destination, call)
  }
  // quilt3 pushes a new package made of the entries alone. There is no push to a folder that ours could differ from.
  const folderMetadata = isBucket ? [] : await builder.folderMetadata()
  return await write(place, builder, name, options, workflow, folderMetadata, checkParent, bring)
}

/** See WritableRegistry.check. */
export async function checkPush(
  place: RegistryPlace,
  builder: PackageBuilder,
  name: string,
  options: PushOptions
): Promise<void> {
  checkPackageName(name)
  checkTexts(options)
  destinations(options.destination, place.store.uri)
  await applyWorkflow(place, builder, name, options)
  const checkParent = parentCheck(place, builder, name, options.force === true)
  checkParent(await readPointer(place.store, place.layout, name, latest, options))
}

/** See PackageBuilder.build. Source: quilt3 8.0.0, packages.py `_build`: like a push that copies nothing and checks no parent. */
export async function build(
  place: RegistryPlace,
  builder: PackageBuilder,
  name: string,
  options: BuildOptions
): Promise<Pushed> {
  checkPackageName(name)
  checkTexts(options)
  const workflow = await applyWorkflow(place, builder, name, options)
  const writer = await place.dataWriter()
  const bring = async (entry: PendingEntry, call: BringOptions): Promise<Entry> =>
    keyOf(entry.source) === undefined
      ? await writer.copy(entry, writer.destination(name, entry.logicalKey), call)
      : await writer.complete(entry, call)
  return await write(
    place,
    builder,
    name,
    options,
    workflow,
    await builder.folderMetadata(),
    () => undefined,
    bring
  )
}

/** Refuses what the compiler refuses, to callers without one: a number would end up in the manifest, and in its top hash. */
function checkTexts({ message, workflow }: Readonly<Partial<Record<'message' | 'workflow', unknown>>>): void {
  for (const [what, value] of Object.entries({ 'package commit message': message, workflow }))
    if (value !== undefined && value !== null && typeof value !== 'string')
      throw new QuiltError('invalid-option', `The ${what} must be a string, but it is a ${typeof value}`)
}

type FolderMetadata = Awaited<ReturnType<PackageBuilder['folderMetadata']>>

async function write(
  place: RegistryPlace,
  builder: PackageBuilder,
  name: string,
  options: PushOptions,
  workflow: JsonObject | undefined,
  folderMetadata: FolderMetadata,
  checkParent: (latest: Pointer | undefined) => void,
  bring: (entry: PendingEntry, call: BringOptions) => Promise<Entry>
): Promise<Pushed> {
  const { message = null, signal } = options
  const pushed = await publish(
    place.store,
    place.layout,
    {
      name,
      header: builder.header(workflow, message),
      folderMetadata,
      entries: orderedMap(
        builder.entries(),
        concurrency,
        (entry, abort) =>
          followed(entry, options.onProgress, (call) => bring(entry, { ...call, signal: abort })),
        signal
      ),
      now: options.now ?? new Date(),
      checkParent,
      dedupe: options.dedupe === true
    },
    signal === undefined ? {} : { signal }
  )
  builder.addParent(name, pushed.topHash)
  return pushed
}

/** Brings an entry and tells how far that is. */
async function followed(
  { logicalKey }: PendingEntry,
  tell: PushOptions['onProgress'],
  bring: (call: Pick<BringOptions, 'onBytes'>) => Promise<Entry>
): Promise<Entry> {
  if (tell === undefined) return await bring({})
  let bytes = 0
  const entry = await bring({
    onBytes: (more) => {
      bytes += more
      tell({ logicalKey, bytes, isDone: false })
    }
  })
  tell({ logicalKey, bytes: entry.size ?? bytes, isDone: true })
  return entry
}

/** Throws `conflict` where the latest revision is not one that the builder was opened from or pushed. */
function parentCheck(
  place: RegistryPlace,
  builder: PackageBuilder,
  name: string,
  force: boolean
): (latest: Pointer | undefined) => void {
  return (found) => {
    const parents = builder.parents(name)
    if (force || found === undefined || parents.has(found.topHash)) return
    const expected = parents.size === 0 ? 'no revision' : [...parents].map((hash) => `'${hash}'`).join(' or ')
    throw new QuiltError(
      'conflict',
      `Package '${name}' already exists at ${place.store.uri}/ with hash '${found.topHash}'; expected ${expected}`
    )
  }
}

/** Where a source is stored already; undefined for bytes in memory. */
function keyOf(source: PendingEntry['source']): PhysicalKey | undefined {
  if (source instanceof Uint8Array) return undefined
  if (isEntry(source)) return source.physicalKey
  return 'file' in source ? { kind: 'file', path: source.file } : source.object
}

function isSelected(select: Selection, entry: PendingEntry, key: PhysicalKey, writer: DataWriter): boolean {
  switch (select) {
    case 'new':
      return !writer.holds(key)
    case 'all':
      return true
    case 'none':
      return false
    case 'local':
      return key.kind === 'file'
    default:
      return select(entry.logicalKey, entry.source)
  }
}

/**
 * Where the options put each entry; undefined for the registry's own place. A prefix is read once, as an address, and
 * keys are joined to what it means. Source: quilt3 8.0.0, packages.py `_push`, util.py `PhysicalKey.join`.
 *
 * Throws `invalid-destination` where the prefix is in another bucket than the registry, and later where a function
 * gives an address with a version; `invalid-physical-key` for what is no address.
 */
function destinations(
  destination: PushOptions['destination'],
  registry: string
): (logicalKey: string, source: PendingEntry['source']) => PhysicalKey | undefined {
  if (destination === undefined) return () => undefined
  // A function may choose any bucket, as in quilt3; a prefix may not.
  if (typeof destination === 'function')
    return (logicalKey, source) => withoutVersion(destination(logicalKey, source))
  const prefix = withoutVersion(destination)
  if (prefix.kind === 's3' ? `s3://${prefix.bucket}` !== registry : registry.startsWith('s3:'))
    throw new QuiltError(
      'invalid-destination',
      `Invalid package destination path '${destination}'. 'dest', if set, must be a path in the '${registry}' package registry specified by 'registry'.`
    )
  return prefix.kind === 's3'
    ? (logicalKey) => ({ ...prefix, key: joined(prefix.key, logicalKey) })
    : (logicalKey) => ({ ...prefix, path: joined(prefix.path, logicalKey) })
}

function joined(path: string, logicalKey: string): string {
  const below = logicalKey.replace(/^\/+/, '')
  return path === '' ? below : `${path.replace(/\/+$/, '')}/${below}`
}

function withoutVersion(uri: string): PhysicalKey {
  const key = parsePhysicalKey(uri)
  if (key.kind === 'file' || key.versionId === undefined) return key
  throw new QuiltError(
    'invalid-destination',
    `the destination is '${uri}', but URI must not include versionId`
  )
}

/** Whether two keys differ in the version at most. */
function isSamePlace(a: PhysicalKey, b: PhysicalKey): boolean {
  if (a.kind === 'file') return b.kind === 'file' && a.path === b.path
  return b.kind === 's3' && a.bucket === b.bucket && a.key === b.key
}
