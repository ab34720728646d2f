import { isAbsolute } from 'node:path'

import { verified } from '../checksums/verify.ts'
import { QuiltError, quoted } from '../error.ts'
import { isSafePath } from '../names.ts'
import { LocalStore } from '../store/local-store.ts'
import { orderedMap } from '../store/ordered-map.ts'
import { hashTypes, type CallOptions, type Entry, type Manifest, type Registry } from '../types.ts'

/** Objects that are fetched at once. */
const concurrency = 8

export interface FetchOptions extends CallOptions {
  /** Only the entries in this folder of the package. @default the whole package */
  readonly within?: string
}

export interface Fetched {
  readonly files: number
  readonly bytes: number
  /** Files whose entry has no checksum that could be compared. */
  readonly unverified: number
}

/**
 * Writes the entries of a package to files below a folder, named by their logical keys; a file of the same name is
 * replaced. Every file is whole and has the checksum of its entry, or is not there. Throws `invalid-logical-key` before
 * anything is written where a key could lead out of the folder, `hash-mismatch`, `size-mismatch`, `outside-root` for links
 * in the folder that lead out of it.
 */
export async function fetchPackage(
  registry: Registry,
  manifest: Manifest,
  folder: string,
  { within, signal }: FetchOptions = {}
): Promise<Fetched> {
  if (!isAbsolute(folder)) throw new QuiltError('invalid-destination', `${folder} is not an absolute path`)
  const store = new LocalStore(folder)
  const wanted = {
    ...(within === undefined ? {} : { folder: within }),
    ...(signal === undefined ? {} : { signal })
  }
  for await (const { logicalKey } of manifest.entries(wanted)) checkSafe(logicalKey)
  const fetchOne = async (entry: Entry, abort: AbortSignal): Promise<Fetched> => {
    const content = await registry.read(entry, undefined, { signal: abort })
    const canVerify = entry.size !== undefined && hashTypes.some((type) => type === entry.hash?.type)
    const stream = canVerify ? verified(entry, content.body) : content.body
    const { size } = await store.put(entry.logicalKey, { stream, size: content.size }, { signal: abort })
    return { files: 1, bytes: size, unverified: canVerify ? 0 : 1 }
  }
  let total: Fetched = { files: 0, bytes: 0, unverified: 0 }
  for await (const one of orderedMap(manifest.entries(wanted), concurrency, fetchOne, signal))
    total = {
      files: total.files + one.files,
      bytes: total.bytes + one.bytes,
      unverified: total.unverified + one.unverified
    }
  return total
}

function checkSafe(key: string): void {
  if (isSafePath(key) && !key.includes('\0')) return
  throw new QuiltError('invalid-logical-key', `${quoted(key)} cannot be the path of a file`, { key })
}
