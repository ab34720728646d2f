import type { CacheFolder } from '../cache/cache-folder.ts'
import { QuiltError } from '../error.ts'
import { openManifest } from '../manifest/open.ts'
import { LocalStore } from '../store/local-store.ts'
import type { WorkerPool } from '../worker/pool.ts'
import type { S3Stores } from '../store/s3-stores.ts'
import { DataRoots } from './data-roots.ts'
import type { Layout } from './layout.ts'
import { LocalDataWriter } from './local-data-writer.ts'
import type { RegistryPlace } from './registry-place.ts'

export interface LocalPlaceOptions {
  readonly layout: Layout
  /** Absolute path of the folder. */
  readonly path: string
  /** The path that manifests know the folder by. @default its own */
  readonly recordedAt?: string
  /** Further folders that entries may lie in. */
  readonly dataRoots: readonly string[]
  /** Where indexes of manifests are kept. */
  readonly cache: CacheFolder
  /** Threads that scan and search manifests. */
  readonly workers: WorkerPool
  readonly closeWorkers: () => Promise<void>
  /** Buckets that entries may lie in. @default none */
  readonly stores?: () => Promise<S3Stores>
}

/** A registry in a folder. */
export function localPlace({
  layout,
  path,
  recordedAt,
  dataRoots,
  cache,
  workers,
  closeWorkers,
  stores
}: LocalPlaceOptions): RegistryPlace {
  const store = new LocalStore(path)
  const own = { path, ...(recordedAt === undefined ? {} : { recordedAt }) }
  const roots = new DataRoots([own, ...dataRoots.map((root) => ({ path: root }))])
  let opened: Promise<S3Stores> | undefined
  const locate: RegistryPlace['locate'] = async (physicalKey) => {
    if (physicalKey.kind === 'file') return await roots.locate(physicalKey.path)
    const { bucket, key, versionId } = physicalKey
    if (stores !== undefined)
      return {
        store: (await (opened ??= stores())).bucket(bucket),
        key,
        ...(versionId === undefined ? {} : { versionId })
      }
    throw new QuiltError('not-supported', `s3://${bucket} is not read by this registry in a folder`, {
      remedy: 'Open the registry with the way to S3.'
    })
  }
  return {
    store,
    layout,
    workers,
    locate,
    async openManifest(key, topHash, options) {
      const file = await store.pathOf(key)
      if (file === undefined)
        throw new QuiltError('revision-not-found', `there is no revision ${topHash} in ${store.uri}`)
      return await openManifest(file, { ...options, topHash, cache, workers })
    },
    async address(key) {
      return { kind: 'file', path: `${recordedAt ?? (await store.makeRoot())}/${key}` }
    },
    async close() {
      const each = await opened
      each?.close()
      await closeWorkers()
    },
    async dataWriter() {
      return new LocalDataWriter(store, recordedAt ?? (await store.makeRoot()), locate)
    }
  }
}
