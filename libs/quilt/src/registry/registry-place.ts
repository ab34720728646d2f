import type { ObjectStore } from '../store/object-store.ts'
import type { CallOptions, Manifest, PhysicalKey } from '../types.ts'
import type { WorkerPool } from '../worker/pool.ts'
import type { Locate } from './entry-bytes.ts'
import type { Layout } from './layout.ts'
import type { DataWriter } from './package-writer.ts'

/** What differs between a registry in a folder and one in a bucket. */
export interface RegistryPlace {
  readonly store: ObjectStore
  readonly layout: Layout
  /** Threads for what would block the event loop. */
  readonly workers: WorkerPool
  /** Finds the object that an entry names. Throws where this registry must not read it. */
  readonly locate: Locate
  /** The physical key of an object of the registry's own, as it is written into manifests. */
  address(key: string, versionId: string | undefined): Promise<PhysicalKey>
  /** Opens the manifest that is stored under a key. Throws `revision-not-found` where there is none. */
  openManifest(key: string, topHash: string, options: CallOptions): Promise<Manifest>
  /** Gives up connections and threads. */
  close(): Promise<void>
  /** What data of a push is written with. Throws where the place cannot be written. */
  dataWriter(): Promise<DataWriter>
}
