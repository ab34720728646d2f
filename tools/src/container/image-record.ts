import { CodedError } from '@fast-mcp/errors'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const schema = z.object({
  /** `quilt-mcp:<tag>`. */
  reference: z.string(),
  /** Full SHA of the commit. */
  revision: z.string(),
  /** Digest of the manifest in the archive. */
  manifestDigest: z.string(),
  imageId: z.string(),
  engine: z.enum(['docker', 'podman']),
  /** How long the build took, in milliseconds. */
  buildMs: z.number(),
  /** Bytes in a registry: manifest, config, compressed layers. */
  storedSize: z.number(),
  /** Bytes of all layers, unpacked. */
  unpackedSize: z.number(),
  layers: z.array(
    z.object({ digest: z.string(), diffId: z.string(), storedSize: z.number(), unpackedSize: z.number() })
  )
})

/** What was built: `dist/container/image.json`. */
export type ImageRecord = z.output<typeof schema>

/** The image's name on this machine, without a tag. */
export const imageName = 'quilt-mcp'

/** Folder of what the container target makes, relative to the workspace. */
export const containerFolder = join('dist', 'container')
/** Relative to the workspace. */
export const archiveFile = join(containerFolder, 'quilt-mcp.oci.tar')
/** Relative to the workspace. */
export const imageRecordFile = join(containerFolder, 'image.json')

/** Throws CodedError `output-missing` or `output-changed`. */
export async function readImageRecord(workspace: string): Promise<ImageRecord> {
  const path = join(workspace, imageRecordFile)
  const remedy = 'Build the image: nx run mcp-server:container'
  if (!existsSync(path))
    throw new CodedError('output-missing', `no image was built: there is no ${imageRecordFile}`, { remedy })
  const text = await readFile(path, 'utf8')
  try {
    return schema.parse(JSON.parse(text))
  } catch (error) {
    throw new CodedError('output-changed', `${imageRecordFile} does not describe an image`, {
      remedy: `${remedy} --skip-nx-cache`,
      evidence: text.slice(0, 500),
      cause: error
    })
  }
}
