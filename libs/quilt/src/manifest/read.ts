import { QuiltError, throwIfAborted } from '../error.ts'
import type { JsonObject } from '../json/value.ts'
import type { CallOptions } from '../types.ts'
import { LineSplitter, type Line } from './line-splitter.ts'
import { parseHeader, parseRecord, type ManifestRecord } from './record.ts'
import { PackageTree } from './tree.ts'

/** Bytes of a manifest in any pieces. */
export type ByteSource = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/** What comes out of a manifest: its header first, then batches of lines in the order of the file. */
export type ManifestPart =
  | { readonly kind: 'header'; readonly header: JsonObject }
  | { readonly kind: 'records'; readonly records: readonly ManifestRecord[] }

/**
 * Reads a manifest as a stream, holding one piece of it at a time. Each line is checked on its own; that no key comes
 * twice is not (see loadManifest).
 *
 * Throws QuiltError of one of the `manifest-` codes, `invalid-physical-key`, `json-too-deep`, with the line; `aborted`.
 */
export async function* readManifest(
  source: ByteSource,
  options: CallOptions = {}
): AsyncGenerator<ManifestPart> {
  let header: JsonObject | undefined
  for await (const lines of readLines(source, options)) {
    const [first] = lines
    if (header === undefined && first !== undefined) {
      header = parseHeader(first)
      yield { kind: 'header', header }
      yield { kind: 'records', records: lines.slice(1).map(parseRecord) }
    } else yield { kind: 'records', records: lines.map(parseRecord) }
  }
  if (header === undefined) throw new QuiltError('manifest-empty', 'the manifest has no lines')
}

async function* readLines(source: ByteSource, { signal }: CallOptions): AsyncGenerator<readonly Line[]> {
  const splitter = new LineSplitter()
  for await (const chunk of source) {
    throwIfAborted(signal)
    const lines = splitter.push(chunk)
    if (lines.length > 0) yield lines
  }
  const last = splitter.end()
  if (last.length > 0) yield last
}

/**
 * Reads a whole manifest into memory, with all the checks that quilt3 makes.
 *
 * Throws as readManifest does, and `manifest-duplicate-key`, `manifest-file-as-folder`.
 */
export async function loadManifest(source: ByteSource, options: CallOptions = {}): Promise<PackageTree> {
  let tree: PackageTree | undefined
  for await (const part of readManifest(source, options)) {
    if (part.kind === 'header') tree = new PackageTree(part.header)
    else for (const record of part.records) tree?.load(record)
  }
  if (tree === undefined) throw new QuiltError('internal', 'a manifest without a header was read')
  return tree
}
