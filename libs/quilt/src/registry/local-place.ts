import { QuiltError } from '../error.ts'
import { openManifest } from '../manifest/open.ts'
import { LocalStore } from '../store/local-store.ts'
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
}

/** A registry in a folder. */
export function localPlace({ layout, path, recordedAt, dataRoots }: LocalPlaceOptions): RegistryPlace {
  const store = new LocalStore(path)
  const own = { path, ...(recordedAt === undefined ? {} : { recordedAt }) }
  const roots = new DataRoots([own, ...dataRoots.map((root) => ({ path: root }))])
  const locate: RegistryPlace['locate'] = async (key) => {
    if (key.kind === 'file') return await roots.locate(key.path)
    throw new QuiltError('not-supported', `s3://${key.bucket} is not read by a registry in a folder`)
  }
  return {
    store,
    layout,
    locate,
    async openManifest(key, topHash, options) {
      const file = await store.pathOf(key)
      if (file === undefined)
        throw new QuiltError('revision-not-found', `there is no revision ${topHash} in ${store.uri}`)
      return await openManifest(file, { ...options, topHash })
    },
    async dataWriter() {
      return new LocalDataWriter(store, recordedAt ?? (await store.makeRoot()), locate)
    }
  }
}
