import { checkHashType, createHasher } from '../checksums/hasher.ts'
import { isQuiltError, QuiltError, throwIfAborted } from '../error.ts'
import { isSafePath } from '../names.ts'
import { LocalStore } from '../store/local-store.ts'
import { listAll } from '../store/object-store.ts'
import { orderedMap } from '../store/ordered-map.ts'
import type { CallOptions, Entry, Manifest, ObjectContent, Registry } from '../types.ts'

/** What is not as the package says. `extra`: a file of the folder that is no entry. */
export interface Discrepancy {
  readonly logicalKey: string
  readonly kind: 'missing' | 'size' | 'hash' | 'extra'
}

/** Objects that are read at once. */
const concurrency = 4

/**
 * Compares a folder with a package and yields what differs: nothing if they match. Extra files come last. Throws
 * `unsupported-hash` or `entry-incomplete` before anything is read, where an entry cannot be checked,
 * `manifest-hash-mismatch` where the manifest itself is not what its top hash says, and `outside-root`
 * for links that lead out of the folder. Source: quilt3 8.0.0, packages.py `verify`.
 */
export async function* verifyFolder(
  manifest: Manifest,
  folder: string,
  options: CallOptions = {}
): AsyncGenerator<Discrepancy> {
  const store = new LocalStore(folder)
  yield* verifyEntries(manifest, options, async (entry, call) => {
    if (!isSafePath(entry.logicalKey)) return undefined
    const head = await store.head(entry.logicalKey, call)
    return head === undefined ? undefined : await store.read(entry.logicalKey, call)
  })
  for await (const { key } of listAll(store, options))
    if ((await manifest.entry(key)) === undefined) yield { logicalKey: key, kind: 'extra' }
}

/** Compares the objects that a package names with what it says of them, and yields what differs. Throws as verifyFolder. */
export async function* verifyPackage(
  registry: Registry,
  manifest: Manifest,
  options: CallOptions = {}
): AsyncGenerator<Discrepancy> {
  yield* verifyEntries(manifest, options, async (entry, call) => {
    try {
      return await registry.read(entry, undefined, call)
    } catch (error) {
      if (isQuiltError(error, 'object-not-found')) return undefined
      throw error
    }
  })
}

async function* verifyEntries(
  manifest: Manifest,
  options: CallOptions,
  find: (entry: Entry, options: CallOptions) => Promise<ObjectContent | undefined>
): AsyncGenerator<Discrepancy> {
  for await (const entry of manifest.entries(options)) checkVerifiable(entry)
  await manifest.checkTopHash(options)
  const check = async (entry: Entry, signal: AbortSignal): Promise<Discrepancy | undefined> => {
    const kind = await compare(entry, await find(entry, { signal }), signal)
    return kind === undefined ? undefined : { logicalKey: entry.logicalKey, kind }
  }
  for await (const found of orderedMap(manifest.entries(options), concurrency, check, options.signal))
    if (found !== undefined) yield found
}

async function compare(
  entry: Entry,
  content: ObjectContent | undefined,
  signal: AbortSignal
): Promise<Discrepancy['kind'] | undefined> {
  if (content === undefined) return 'missing'
  const { hash, size } = checkVerifiable(entry)
  if (content.size !== size) {
    await release(content)
    return 'size'
  }
  const hasher = createHasher(checkHashType(hash.type), size)
  for await (const chunk of content.body) {
    throwIfAborted(signal)
    hasher.update(chunk)
  }
  return hasher.digest().value === hash.value ? undefined : 'hash'
}

function checkVerifiable({ logicalKey, hash, size }: Entry): {
  readonly hash: NonNullable<Entry['hash']>
  readonly size: number
} {
  if (hash === undefined || size === undefined)
    throw new QuiltError('entry-incomplete', `entry '${logicalKey}' has no usable hash or size`, {
      key: logicalKey
    })
  checkHashType(hash.type)
  return { hash, size }
}

/** Ends a body that is not read, so that its connection is free again. */
async function release({ body }: ObjectContent): Promise<void> {
  for await (const _ of body) return
}
