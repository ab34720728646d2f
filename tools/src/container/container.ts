import { findEngine, scanLayers } from '@fast-mcp/containers'
import { readPipelineEnvironment, requireRecord, writeAtomically } from '@fast-mcp/validation'
import { readVersion, versionTag } from '@fast-mcp/versioning'
import { join } from 'node:path'
import { readBaseRecord } from '../base-image/base-record.ts'
import { buildImage } from './build-image.ts'
import { archiveFile, imageName, imageRecordFile, type ImageRecord } from './image-record.ts'

export interface ContainerOptions {
  readonly workspace: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  readonly write: (text: string) => unknown
}

/**
 * Builds the image `quilt-mcp:<sha>` of this commit into `dist/container`. Checks first that phase app passed for it
 * and that there is a base image.
 */
export async function container(options: ContainerOptions): Promise<ImageRecord> {
  const { workspace, environment, signal, write } = options
  const settings = readPipelineEnvironment(environment)
  const version = await readVersion(workspace)
  await requireRecord(workspace, 'app', version)
  const base = await readBaseRecord(workspace)
  const engine = await findEngine(workspace, settings, { signal })
  const started = performance.now()
  const archive = await buildImage({ workspace, version, engine, base, archive: archiveFile, signal })
  const buildMs = Math.round(performance.now() - started)
  const sizes = new Map<string, number>()
  await scanLayers(archive, ({ layer, size }) => {
    sizes.set(layer, (sizes.get(layer) ?? 0) + size)
  })
  const layers = archive.layers.map(({ digest, diffId, size }) => ({
    digest,
    diffId,
    storedSize: size,
    unpackedSize: sizes.get(digest) ?? 0
  }))
  const record: ImageRecord = {
    reference: `${imageName}:${versionTag(version)}`,
    revision: version.fullSha,
    manifestDigest: archive.manifestDigest,
    imageId: archive.imageId,
    engine: engine.kind,
    buildMs,
    storedSize: archive.storedSize,
    unpackedSize: layers.reduce((sum, { unpackedSize }) => sum + unpackedSize, 0),
    layers
  }
  await writeAtomically(join(workspace, imageRecordFile), `${JSON.stringify(record, undefined, 2)}\n`)
  write(
    `image ${record.reference}: ${record.imageId}, ${megabytes(record.unpackedSize)} unpacked, ${megabytes(record.storedSize)} in a registry, built by ${engine.kind} ${engine.version} in ${(buildMs / 1000).toFixed(1)} s\n`
  )
  return record
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
