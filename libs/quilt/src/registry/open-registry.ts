import { CacheFolder } from '../cache/cache-folder.ts'
import { QuiltError } from '../error.ts'
import { parsePhysicalKey } from '../physical-key.ts'
import type { S3Options } from '../store/s3-client.ts'
import type { S3Stores } from '../store/s3-stores.ts'
import type { PhysicalKey } from '../types.ts'
import { WorkerPool } from '../worker/pool.ts'
import { layouts, type Layout } from './layout.ts'
import { localPlace } from './local-place.ts'
import { StoreRegistry } from './store-registry.ts'
import type { WritableRegistry } from './writable-registry.ts'

export interface OpenRegistryOptions {
  /** Layout of the registry's own files. @default 1, as everywhere */
  readonly layoutVersion?: 1 | 2
  /**
   * The file:// root that the manifests of a local registry name, where the folder is now somewhere else: files below
   * it are read from the registry's folder, and new manifests name it too. @default where the folder is
   */
  readonly recordedAt?: string
  /** Further file:// folders that entries of a local registry may lie in. @default none: its own folder alone */
  readonly dataRoots?: readonly string[]
  /**
   * How an S3 registry and the buckets that its packages name are reached. A local registry reads entries in buckets only
   * if it is given. @default as the environment says
   */
  readonly s3?: S3Options
  /** Folder for indexes of manifests, and manifests of S3. @default one of this user in the system's temporary folder */
  readonly cacheFolder?: string | CacheFolder
  /** Threads that scan and search manifests, where registries are to share them. @default the registry's own, which end with it */
  readonly workers?: WorkerPool
}

/**
 * The registry at `file:///DIR` (an absolute folder, which need not exist: it is then empty) or `s3://BUCKET`. Nothing
 * is read yet. Throws QuiltError `invalid-registry`.
 */
export function openRegistry(uri: string, options: OpenRegistryOptions = {}): WritableRegistry {
  const layout = layouts[options.layoutVersion ?? 1]
  const place = parse(uri)
  return place.kind === 'file'
    ? openFolder(folderOf(uri), layout, options)
    : openBucket(place, uri, layout, options)
}

function openFolder(path: string, layout: Layout, options: OpenRegistryOptions): WritableRegistry {
  const { s3 } = options
  const local = localPlace({
    layout,
    path,
    ...(options.recordedAt === undefined ? {} : { recordedAt: folderOf(options.recordedAt) }),
    dataRoots: (options.dataRoots ?? []).map(folderOf),
    ...meansOf(options),
    ...(s3 === undefined ? {} : { stores: () => s3Stores(s3) })
  })
  return new StoreRegistry(local.store.uri, () => Promise.resolve(local))
}

function openBucket(
  { bucket, key, versionId }: PhysicalKey & { readonly kind: 's3' },
  uri: string,
  layout: Layout,
  options: OpenRegistryOptions
): WritableRegistry {
  if (key !== '' || versionId !== undefined)
    throw new QuiltError(
      'invalid-registry',
      `The 'registry' argument expects an S3 bucket but the S3 object path '${uri}' was provided instead. You probably wanted to set 'registry' to 's3://${bucket}' instead. To specify that package data land in a specific directory use 'dest'.`
    )
  const { s3 = {} } = options
  return new StoreRegistry(`s3://${bucket}`, async () => {
    const { s3Place } = await import('./s3-place.ts')
    return s3Place({ layout, bucket, stores: await s3Stores(s3), ...meansOf(options) })
  })
}

/** The cache and the threads of a registry, and how its own threads end. */
function meansOf({ cacheFolder = CacheFolder.ofUser(), workers }: OpenRegistryOptions): {
  readonly cache: CacheFolder
  readonly workers: WorkerPool
  readonly closeWorkers: () => Promise<void>
} {
  const cache = typeof cacheFolder === 'string' ? new CacheFolder(cacheFolder) : cacheFolder
  if (workers !== undefined) return { cache, workers, closeWorkers: () => Promise.resolve() }
  const own = new WorkerPool()
  return { cache, workers: own, closeWorkers: () => own.close() }
}

/** Loads the AWS SDK, which takes longer than everything else: only where it is needed. */
async function s3Stores(options: S3Options): Promise<S3Stores> {
  const { openS3Stores } = await import('../store/open-s3-stores.ts')
  return openS3Stores(options)
}

function folderOf(uri: string): string {
  const key = parse(uri)
  if (key.kind === 's3')
    throw new QuiltError('invalid-registry', `${uri} is not a folder, expected file:///DIR`)
  return key.path.length > 1 && key.path.endsWith('/') ? key.path.slice(0, -1) : key.path
}

function parse(uri: string): PhysicalKey {
  try {
    return parsePhysicalKey(uri)
  } catch (error) {
    throw new QuiltError('invalid-registry', `${uri} is neither s3://BUCKET nor file:///DIR`, {
      cause: error
    })
  }
}
