import { CodedError } from '@fast-mcp/errors'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** A Debian package in the base image. */
const basePackage = z.object({ name: z.string(), version: z.string(), architecture: z.string() })

const schema = z.discriminatedUnion('kind', [
  /** Built here: an OCI archive beside this record. */
  z.object({
    kind: z.literal('built'),
    imageId: z.string(),
    layerDigest: z.string(),
    layerSize: z.number().int(),
    node: z.string(),
    packages: z.array(basePackage)
  }),
  /** Named by BASE_IMAGE, or the default where none can be built: pulled by the engine. */
  z.object({ kind: z.literal('pulled'), reference: z.string() })
])

/** What the server's image is built on: `dist/base-image/base.json`. */
export type BaseImage = z.output<typeof schema>
export type BasePackage = z.output<typeof basePackage>

export function baseFolder(workspace: string): string {
  return join(workspace, 'dist', 'base-image')
}

/** The OCI archive of a base image that was built here. */
export function baseArchive(workspace: string): string {
  return join(baseFolder(workspace), 'base.oci.tar')
}

export function baseRecordPath(workspace: string): string {
  return join(baseFolder(workspace), 'base.json')
}

/** Throws CodedError `output-missing` or `output-changed` where the base image was not made, or not completely. */
export async function readBaseRecord(workspace: string): Promise<BaseImage> {
  const path = baseRecordPath(workspace)
  const remedy = 'Make the base image: nx run mcp-server:base-image'
  if (!existsSync(path))
    throw new CodedError('output-missing', `there is no base image: no ${path}`, { remedy })
  const text = await readFile(path, 'utf8')
  let base: BaseImage
  try {
    base = schema.parse(JSON.parse(text))
  } catch (error) {
    throw new CodedError('output-changed', `${path} is not the record of a base image`, {
      remedy: `${remedy} --skip-nx-cache`,
      evidence: text.slice(0, 500),
      cause: error
    })
  }
  if (base.kind === 'built' && !existsSync(baseArchive(workspace)))
    throw new CodedError('output-missing', `there is no base image: no ${baseArchive(workspace)}`, { remedy })
  return base
}
