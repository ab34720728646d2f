import { CacheFolder } from '../cache/cache-folder.ts'
import { QuiltError } from '../error.ts'
import { parsePhysicalKey } from '../physical-key.ts'
import { createS3Client, type S3Options } from '../store/s3-client.ts'
import { S3Stores } from '../store/s3-stores.ts'
import type { PhysicalKey } from '../types.ts'
import { layouts } from './layout.ts'
import { localPlace } from './local-place.ts'
import { s3Place } from './s3-place.ts'
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
  /** Folder that manifests of S3 registries are kept in. @default one of this user in the system's temporary folder */
  readonly cacheFolder?: string
}

/**
 * The registry at `file:///DIR` (an absolute folder, which need not exist: it is then empty) or `s3://BUCKET`. Nothing
 * is read yet. Throws QuiltError `invalid-registry`.
 */
export function openRegistry(uri: string, options: OpenRegistryOptions = {}): WritableRegistry {
  const layout = layouts[options.layoutVersion ?? 1]
  const place = parse(uri)
  if (place.kind === 'file')
    return new StoreRegistry(
      localPlace({
        layout,
        path: folderOf(uri),
        ...(options.recordedAt === undefined ? {} : { recordedAt: folderOf(options.recordedAt) }),
        dataRoots: (options.dataRoots ?? []).map(folderOf),
        ...(options.s3 === undefined ? {} : { stores: new S3Stores(createS3Client(options.s3)) })
      })
    )
  const { bucket, key } = place
  if (key !== '' || place.versionId !== undefined)
    throw new QuiltError(
      'invalid-registry',
      `The 'registry' argument expects an S3 bucket but the S3 object path '${uri}' was provided instead. You probably wanted to set 'registry' to 's3://${bucket}' instead. To specify that package data land in a specific directory use 'dest'.`
    )
  const stores = new S3Stores(createS3Client(options.s3))
  const cache =
    options.cacheFolder === undefined ? CacheFolder.ofUser() : new CacheFolder(options.cacheFolder)
  return new StoreRegistry(s3Place({ layout, bucket, stores, cache }))
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
