import { CacheFolder, WorkerPool } from '@fast-mcp/quilt'

/** What all registries of a server and their search indexes work with, so that many of them take no more than one. */
export interface SharedMeans {
  /** One thread for each processor. */
  readonly workers: WorkerPool
  /** Where indexes are kept, and what of them is held in memory. */
  readonly cacheFolder: CacheFolder
}

/** No thread runs before there is work for it. Close `workers` in the end. */
export function sharedMeans(): SharedMeans {
  return { workers: new WorkerPool(), cacheFolder: CacheFolder.ofUser() }
}
