import { createHash } from 'node:crypto'
import { Readable, Transform, type Duplex } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { eachBlob, invalid, type OciArchive, type OciLayer } from './oci-archive.ts'
import { errorCode } from './system-error.ts'
import { eachTarEntry } from './tar-entries.ts'

/** One entry of a layer. */
export interface LayerFile {
  /** Digest of its layer, as stored. */
  readonly layer: string
  /** Without a leading slash. */
  readonly path: string
  readonly type: 'file' | 'folder' | 'symlink' | 'link' | 'other'
  /** Permission bits, set-user-id and the like included. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes; 0 unless a file. */
  readonly size: number
  readonly modified: Date
  /** The content: to be read once, to its end or not at all. */
  readonly content: AsyncIterable<Buffer>
}

/**
 * Visits every entry of every layer of an archive, lowest layer first as far as the archive stores them in order, and
 * checks each uncompressed layer against the digest in the image's config.
 * Throws CodedError `archive-invalid` for a layer that cannot be unpacked or has another digest.
 */
export async function scanLayers(
  archive: OciArchive,
  visit: (file: LayerFile) => void | Promise<void>
): Promise<void> {
  const layers = new Map(archive.layers.map((layer) => [`blobs/${layer.digest.replace(':', '/')}`, layer]))
  await eachBlob(archive.path, async (name, _size, content) => {
    const layer = layers.get(name)
    if (layer === undefined) return
    const diffId = await scanLayer(archive.path, layer, Readable.from(content, { objectMode: false }), visit)
    if (diffId !== layer.diffId)
      throw invalid(archive.path, `layer ${layer.digest} unpacks to ${diffId}; expected ${layer.diffId}`)
  })
}

async function scanLayer(
  archive: string,
  { digest: layer, mediaType }: OciLayer,
  source: Readable,
  visit: (file: LayerFile) => void | Promise<void>
): Promise<string> {
  const hash = createHash('sha256')
  const hashed = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    }
  })
  try {
    await eachTarEntry(source, [...unpack(mediaType), hashed], ({ header, content }) => {
      const { name, mode, uid, gid, size, mtime } = header
      const type = types[header.type] ?? 'other'
      const path = name.replace(/^\.?\//, '').replace(/\/$/, '')
      return visit({
        layer,
        path,
        type,
        mode,
        uid,
        gid,
        size: type === 'file' ? size : 0,
        modified: mtime,
        content
      })
    })
  } catch (error) {
    if (/^(?:Z_|ZSTD_)/.test(errorCode(error) ?? ''))
      throw invalid(archive, `layer ${layer} cannot be unpacked: ${String(error)}`, error)
    throw error
  }
  return `sha256:${hash.digest('hex')}`
}

const types: Readonly<Record<string, LayerFile['type']>> = {
  file: 'file',
  'contiguous-file': 'file',
  directory: 'folder',
  symlink: 'symlink',
  link: 'link'
}

// Source: OCI Image Format Specification 1.1, layer.md, "Layer Filesystem Changeset" media types.
function unpack(mediaType: string): readonly Duplex[] {
  if (mediaType.endsWith('gzip')) return [createGunzip()]
  if (mediaType.endsWith('zstd')) return [createZstdDecompress()]
  return []
}
