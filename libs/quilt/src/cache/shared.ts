import { CacheFolder } from './cache-folder.ts'

let shared: CacheFolder | undefined

/** The cache that all manifests of the process share where the caller brings none. */
export function sharedCache(): CacheFolder {
  return (shared ??= CacheFolder.ofUser())
}
