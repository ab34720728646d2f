import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { packTar } from './pack-tar.ts'

export interface BaseImageContent {
  /** Path of the uncompressed tar that becomes the one layer. */
  readonly layer: string
  /** Name and tag the image gets where it is loaded. */
  readonly name: string
  readonly architecture: 'amd64' | 'arm64'
  readonly created: Date
  readonly environment: Readonly<Record<string, string>>
}

export interface WrittenArchive {
  readonly imageId: string
  /** Digest of the layer, uncompressed as it is. */
  readonly layerDigest: string
  readonly layerSize: number
}

/**
 * Writes an OCI archive with an image of one uncompressed layer: something to build on. The same input gives the same
 * bytes.
 *
 * Source: OCI Image Format Specification 1.1: image-layout.md, manifest.md, config.md.
 */
export async function writeOciArchive(image: BaseImageContent, path: string): Promise<WrittenArchive> {
  const { size } = await stat(image.layer)
  const hash = createHash('sha256')
  await pipeline(createReadStream(image.layer, { highWaterMark: 1 << 20 }), hash)
  const layerDigest = `sha256:${hash.digest('hex')}`
  const config = blob('application/vnd.oci.image.config.v1+json', {
    architecture: image.architecture,
    os: 'linux',
    created: seconds(image.created),
    config: { Env: Object.entries(image.environment).map(([name, value]) => `${name}=${value}`) },
    rootfs: { type: 'layers', diff_ids: [layerDigest] },
    history: [{ created: seconds(image.created), comment: 'base' }]
  })
  const manifest = blob('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: config.descriptor,
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: layerDigest, size }]
  })
  const index = blob('', {
    schemaVersion: 2,
    manifests: [{ ...manifest.descriptor, annotations: { 'org.opencontainers.image.ref.name': image.name } }]
  })
  const file = (name: string, bytes: Buffer) =>
    ({ path: name, type: 'file', mode: 0o644, size: bytes.length, content: bytes }) as const
  const aside = `${path}.${process.pid}`
  try {
    await packTar(
      [
        file('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')),
        file('index.json', index.bytes),
        file(blobPath(config.descriptor.digest), config.bytes),
        file(blobPath(manifest.descriptor.digest), manifest.bytes),
        {
          path: blobPath(layerDigest),
          type: 'file',
          mode: 0o644,
          size,
          content: () => createReadStream(image.layer, { highWaterMark: 1 << 20 })
        }
      ],
      image.created,
      createWriteStream(aside)
    )
    await rename(aside, path)
  } finally {
    await rm(aside, { force: true })
  }
  return { imageId: config.descriptor.digest, layerDigest, layerSize: size }
}

function blob(mediaType: string, value: object) {
  const bytes = Buffer.from(JSON.stringify(value))
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  return { bytes, descriptor: { mediaType, digest, size: bytes.length } }
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`
}

function seconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z')
}
