import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { packTar, type TarContent } from '../src/pack-tar.ts'

/** Files of a layer: path to text, or `undefined` for a folder. */
export type Files = Readonly<Record<string, string | undefined>>

export interface TestLayer {
  readonly files: Files | { readonly tar: Buffer }
  readonly compression?: 'none' | 'gzip' | 'zstd'
  readonly modified?: Date
}

export interface TestImage {
  readonly layers: readonly TestLayer[]
  readonly labels?: Readonly<Record<string, string>>
  readonly environment?: readonly string[]
  readonly user?: string
  /** @default amd64 */
  readonly architecture?: string
  readonly name?: string
  readonly created?: string
  /** Changes what is written: entries of the archive by name. */
  readonly change?: (entries: Map<string, Buffer>) => void
}

export const layerTypes = {
  none: 'application/vnd.oci.image.layer.v1.tar',
  gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  zstd: 'application/vnd.oci.image.layer.v1.tar+zstd'
} as const

export function sha256(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** Does the work in a new folder and removes it. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'containers-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The tar of a layer. */
export async function layerTar(files: Files, modified = new Date(0)): Promise<Buffer> {
  return tarOf(
    Object.entries(files).map(([path, text]) =>
      text === undefined
        ? { path, type: 'folder', mode: 0o755 }
        : { path, type: 'file', mode: 0o644, size: Buffer.byteLength(text), content: Buffer.from(text) }
    ),
    modified
  )
}

/** Writes an OCI archive with the image. */
export async function writeImage(path: string, image: TestImage): Promise<void> {
  const layers = await Promise.all(
    image.layers.map(async ({ files, compression = 'none', modified }) => {
      const tar =
        'tar' in files && files.tar instanceof Buffer ? files.tar : await layerTar(strings(files), modified)
      const bytes =
        compression === 'gzip' ? gzipSync(tar) : compression === 'zstd' ? zstdCompressSync(tar) : tar
      return { bytes, diffId: sha256(tar), mediaType: layerTypes[compression] }
    })
  )
  const config = json({
    architecture: image.architecture ?? 'amd64',
    os: 'linux',
    created: image.created ?? '1970-01-01T00:00:00Z',
    config: {
      User: image.user ?? '1000:1000',
      ExposedPorts: { '8000/tcp': {} },
      Env: image.environment ?? ['PATH=/bin', 'EMPTY=', 'BARE'],
      Entrypoint: ['node', '/app/main.js'],
      Labels: image.labels ?? {}
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) }
  })
  const manifest = json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: layers.map(({ bytes, mediaType }) => descriptor(mediaType, bytes)),
    annotations: { 'org.example.note': 'kept' }
  })
  await packImage(
    path,
    image.name ?? 'quilt-mcp:test',
    manifest,
    [config, ...layers.map(({ bytes }) => bytes)],
    image.change
  )
}

/** Writes an OCI archive of a manifest and its blobs. */
export async function packImage(
  path: string,
  name: string,
  manifest: Buffer,
  blobs: readonly Buffer[],
  change?: TestImage['change']
): Promise<void> {
  const index = json({
    schemaVersion: 2,
    manifests: [
      {
        ...descriptor('application/vnd.oci.image.manifest.v1+json', manifest),
        annotations: { 'org.opencontainers.image.ref.name': name }
      }
    ]
  })
  const entries = new Map([
    ['oci-layout', json({ imageLayoutVersion: '1.0.0' })],
    ['index.json', index],
    ...[manifest, ...blobs].map((bytes) => [blobName(bytes), bytes] as const)
  ])
  change?.(entries)
  await packTar(
    [...entries].map(([entry, bytes]) => file(entry, bytes)),
    new Date(0),
    createWriteStream(path)
  )
}

export function blobName(bytes: Buffer): string {
  return `blobs/${sha256(bytes).replace(':', '/')}`
}

export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}

function descriptor(mediaType: string, bytes: Buffer) {
  return { mediaType, digest: sha256(bytes), size: bytes.length }
}

function file(path: string, bytes: Buffer): TarContent {
  return { path, type: 'file', mode: 0o644, size: bytes.length, content: bytes }
}

function strings(files: TestLayer['files']): Files {
  return Object.fromEntries(
    Object.entries(files).filter(
      (entry): entry is [string, string | undefined] => typeof entry[1] !== 'object'
    )
  )
}

async function tarOf(contents: readonly TarContent[], modified: Date): Promise<Buffer> {
  return inFolder(async (folder) => {
    const path = join(folder, 'layer.tar')
    await packTar(contents, modified, createWriteStream(path))
    return readFile(path)
  })
}
