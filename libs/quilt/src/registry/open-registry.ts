import { QuiltError } from '../error.ts'
import { parsePhysicalKey } from '../physical-key.ts'
import type { PhysicalKey } from '../types.ts'
import { layouts } from './layout.ts'
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
}

/**
 * The registry at `file:///DIR` (an absolute folder, which need not exist: it is then empty) or `s3://BUCKET`. Nothing
 * is read yet. Throws QuiltError `invalid-registry`.
 */
export function openRegistry(uri: string, options: OpenRegistryOptions = {}): WritableRegistry {
  return new StoreRegistry(
    localPlace({
      layout: layouts[options.layoutVersion ?? 1],
      path: folderOf(uri),
      ...(options.recordedAt === undefined ? {} : { recordedAt: folderOf(options.recordedAt) }),
      dataRoots: (options.dataRoots ?? []).map(folderOf)
    })
  )
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
