import { createHash } from 'node:crypto'

import type { CacheFolder } from '../cache/cache-folder.ts'
import { CheckedFiles } from '../cache/checked-files.ts'
import { isQuiltError, QuiltError } from '../error.ts'
import { openManifest } from '../manifest/open.ts'
import { formatPhysicalKey } from '../physical-key.ts'
import { streamOf, type ObjectHead } from '../store/object-store.ts'
import type { S3Store } from '../store/s3-store.ts'
import type { S3Stores } from '../store/s3-stores.ts'
import type { CallOptions } from '../types.ts'
import type { WorkerPool } from '../worker/pool.ts'
import type { Locate } from './entry-bytes.ts'
import type { Layout } from './layout.ts'
import type { RegistryPlace } from './registry-place.ts'
import { S3DataWriter } from './s3-data-writer.ts'

export interface S3PlaceOptions {
  readonly layout: Layout
  readonly bucket: string
  readonly stores: S3Stores
  /** Where manifests are kept, which are read as files. */
  readonly cache: CacheFolder
  /** Threads that scan and search manifests. */
  readonly workers: WorkerPool
  readonly closeWorkers: () => Promise<void>
}

/** A registry in a bucket. It never reads a file of this machine, whatever its manifests say. */
export function s3Place({
  layout,
  bucket,
  stores,
  cache,
  workers,
  closeWorkers
}: S3PlaceOptions): RegistryPlace {
  const store = stores.bucket(bucket)
  const files = new CheckedFiles(cache)
  const locate: Locate = (physicalKey) => {
    if (physicalKey.kind === 'file')
      return Promise.reject(
        new QuiltError(
          'local-key-in-remote-registry',
          `${formatPhysicalKey(physicalKey)} is a file of this machine`,
          {
            where: physicalKey.path
          }
        )
      )
    const { key, versionId } = physicalKey
    const version = versionId === undefined ? {} : { versionId }
    return Promise.resolve({ store: stores.bucket(physicalKey.bucket), key, ...version })
  }
  return {
    store,
    layout,
    workers,
    locate,
    address: (key, versionId) => Promise.resolve({ kind: 's3', bucket, key, versionId }),
    async openManifest(key, topHash, options) {
      // Asked every time: it shows that the caller may read the manifest, and which content is current.
      const head = await store.head(key, options)
      if (head === undefined)
        throw new QuiltError('revision-not-found', `there is no revision ${topHash} in ${store.uri}`)
      for (;;) {
        const identity = [store.uri, head.key, head.etag, head.versionId ?? ''].join('\0')
        const file = await cached(files, store, head, identity, options)
        try {
          return await openManifest(file, { ...options, topHash, identity, cache, workers })
        } catch (error) {
          // Another process may have made room in the cache meanwhile.
          if (!isQuiltError(error, 'object-not-found')) throw error
        }
      }
    },
    close() {
      stores.close()
      return closeWorkers()
    },
    dataWriter: () => Promise.resolve(new S3DataWriter(stores, bucket, locate))
  }
}

/** The file that holds the object; fetched if it is not there yet. Named by content, so it is never out of date. */
async function cached(
  files: CheckedFiles,
  store: S3Store,
  head: ObjectHead,
  identity: string,
  options: CallOptions
): Promise<string> {
  const name = `manifest-${createHash('sha256').update(identity).digest('hex')}`
  const found = await files.path(name, head.size, options.signal)
  if (found !== undefined) return found
  const version = head.versionId === undefined ? {} : { versionId: head.versionId }
  return await files.fill(name, streamOf(store, head.key, { ...options, ...version }), (size) => {
    if (size !== head.size)
      throw new QuiltError('object-changed', `${store.uri}/${head.key} was replaced while it was read`, {
        key: head.key
      })
  })
}
