import { createReadStream } from 'node:fs'
import { fromSystemError, isQuiltError } from '../error.ts'
import { topHash as topHashOf } from '../top-hash.ts'
import type { Manifest } from '../types.ts'
import { MemoryManifest } from './memory-manifest.ts'
import { loadManifest } from './read.ts'

export interface OpenOptions {
  /** Top hash the manifest is stored under; not compared with the content. @default computed */
  readonly topHash?: string
  readonly signal?: AbortSignal
}

/**
 * Opens a manifest file.
 *
 * Throws QuiltError `object-not-found`, `access-denied`, `storage-failed`, or for a bad manifest one of the `manifest-`
 * codes, `invalid-physical-key` or `json-too-deep`, with file and line; `aborted`.
 */
export async function openManifest(file: string, { topHash, signal }: OpenOptions = {}): Promise<Manifest> {
  try {
    const tree = await loadManifest(createReadStream(file, { highWaterMark: 1024 * 1024 }), {
      ...(signal === undefined ? {} : { signal })
    })
    return new MemoryManifest(topHash ?? (await topHashOf(tree.header, tree.walk())), tree)
  } catch (error) {
    throw isQuiltError(error) ? error.at({ where: file }) : fromSystemError(error, file)
  }
}
