import { CodedError } from '@fast-mcp/errors'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { z } from 'zod'
import {
  imageConfig,
  ociConfig,
  ociIndex,
  ociManifest,
  type ImageConfig,
  type OciDescriptor
} from './oci-schema.ts'
import { errorCode } from './system-error.ts'
import { eachTarEntry } from './tar-entries.ts'

export interface OciLayer {
  /** Digest of the layer as it is stored, compressed. */
  readonly digest: string
  /** Bytes as stored. */
  readonly size: number
  readonly mediaType: string
  /** Digest of the uncompressed layer. */
  readonly diffId: string
}

/** What an OCI archive with one image holds. */
export interface OciArchive {
  readonly path: string
  /** What a registry calls the image, once pushed as it is. */
  readonly manifestDigest: string
  /** Config digest: the same for every way of compressing or storing the layers. */
  readonly imageId: string
  readonly config: ImageConfig
  /** The name the archive gives the image, such as `quilt-mcp:1a2b3c4`; undefined where it gives none. */
  readonly referenceName: string | undefined
  /** Lowest first. */
  readonly layers: readonly OciLayer[]
  /** Of the manifest. */
  readonly annotations: Readonly<Record<string, string>>
  /** Bytes that a registry stores: manifest, config and layers. */
  readonly storedSize: number
}

// Manifests and configs are far smaller; a registry refuses manifests above 4 MiB (OCI Distribution Specification 1.1).
const largestDocument = 4 * 1024 * 1024

/**
 * Reads and checks an OCI archive (a tar of an OCI image layout with one image): every blob must have the digest and
 * size it is named by, and nothing the image needs may be missing.
 * Throws CodedError `archive-invalid` that says what is wrong, `output-missing` where there is no such file.
 *
 * Source: OCI Image Format Specification 1.1, image-layout.md.
 */
export async function readOciArchive(path: string): Promise<OciArchive> {
  const { sizes, documents } = await readBlobs(path)
  const indexText = documents.get('index.json')
  if (indexText === undefined || !documents.has('oci-layout'))
    throw invalid(path, 'it holds no OCI image layout (index.json and oci-layout)')
  const index = parse(path, 'index.json', ociIndex, indexText)
  const entry = index.manifests[0]
  if (entry === undefined || index.manifests.length > 1)
    throw invalid(path, `it holds ${index.manifests.length} images; expected one`)

  const document = <T extends z.ZodType>(descriptor: OciDescriptor, schema: T): z.output<T> => {
    present(path, sizes, descriptor)
    const text = documents.get(descriptor.digest)
    if (text === undefined)
      throw invalid(path, `${descriptor.digest} is too large for a ${descriptor.mediaType}`)
    return parse(path, descriptor.digest, schema, text)
  }
  const manifest = document(entry, ociManifest)
  const config = imageConfig(document(manifest.config, ociConfig))
  if (config.diffIds.length !== manifest.layers.length)
    throw invalid(
      path,
      `the manifest has ${manifest.layers.length} layers, the config ${config.diffIds.length}`
    )
  return {
    path,
    manifestDigest: entry.digest,
    imageId: manifest.config.digest,
    config,
    referenceName: nameOf(entry),
    layers: manifest.layers.map((layer, position) => {
      present(path, sizes, layer)
      const { digest, size, mediaType } = layer
      return { digest, size, mediaType, diffId: config.diffIds[position] ?? '' }
    }),
    annotations: manifest.annotations ?? {},
    storedSize: entry.size + manifest.config.size + manifest.layers.reduce((sum, { size }) => sum + size, 0)
  }
}

/** podman's archives have the whole name in the one annotation, BuildKit's only the tag, and the name in its own. */
function nameOf({ annotations = {} }: OciDescriptor): string | undefined {
  const name = annotations['io.containerd.image.name']
  return name?.replace(/^docker\.io\/(?:library\/)?/, '') ?? annotations['org.opencontainers.image.ref.name']
}

/** Sizes of all blobs by digest, each checked, and the text of those small enough to be documents. */
async function readBlobs(
  path: string
): Promise<{ sizes: ReadonlyMap<string, number>; documents: ReadonlyMap<string, string> }> {
  const sizes = new Map<string, number>()
  const documents = new Map<string, string>()
  await eachBlob(path, async (name, size, content) => {
    const hash = createHash('sha256')
    const chunks: Buffer[] = []
    for await (const chunk of content) {
      hash.update(chunk)
      if (size <= largestDocument) chunks.push(chunk)
    }
    const hex = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(name)?.[1]
    const key = hex === undefined ? name : `sha256:${hex}`
    if (hex !== undefined) {
      const actual = hash.digest('hex')
      if (actual !== hex) throw invalid(path, `the blob named ${key} has the digest sha256:${actual}`)
      sizes.set(key, size)
    }
    if (size <= largestDocument) documents.set(key, Buffer.concat(chunks).toString('utf8'))
  })
  return { sizes, documents }
}

/** Visits every file of an archive. Throws CodedError `archive-invalid` or `output-missing`. */
export async function eachBlob(
  path: string,
  visit: (name: string, size: number, content: AsyncIterable<Buffer>) => Promise<void>
): Promise<void> {
  try {
    await eachTarEntry(
      createReadStream(path, { highWaterMark: 1 << 20 }),
      [],
      async ({ header, content }) => {
        if (header.type === 'file') await visit(header.name.replace(/^\.\//, ''), header.size, content)
      }
    )
  } catch (error) {
    throw explain(path, error)
  }
}

function explain(path: string, error: unknown): unknown {
  if (error instanceof CodedError) return error
  if (errorCode(error) === 'ENOENT')
    return new CodedError('output-missing', `there is no image archive ${path}`, {
      remedy: 'Build it: nx run mcp-server:container'
    })
  // What tar-stream says of a tar that is none, or ends too soon.
  const said = String(error)
  return /invalid (?:tar )?header|header exceeds|unexpected end of data/i.test(said)
    ? invalid(path, said, error)
    : error
}

function present(path: string, sizes: ReadonlyMap<string, number>, descriptor: OciDescriptor): void {
  const size = sizes.get(descriptor.digest)
  if (size === undefined) throw invalid(path, `it lacks the blob ${descriptor.digest}`)
  if (size !== descriptor.size)
    throw invalid(path, `the blob ${descriptor.digest} has ${size} bytes; expected ${descriptor.size}`)
}

function parse<T extends z.ZodType>(path: string, name: string, schema: T, text: string): z.output<T> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw invalid(path, `${name} is not JSON`, error)
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw invalid(path, `${name} is not what an OCI image has there: ${z.prettifyError(result.error)}`)
}

/** The error for an archive that cannot be used. */
export function invalid(path: string, what: string, cause?: unknown): CodedError {
  return new CodedError(
    'archive-invalid',
    `the image archive ${path} is damaged or no OCI archive: ${what}`,
    {
      remedy: 'Remove it and build again: nx run mcp-server:container --skip-nx-cache',
      cause
    }
  )
}
