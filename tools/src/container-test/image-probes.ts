import { readOciArchive, type OciArchive } from '@fast-mcp/containers'
import type { Finding, Probe } from '@fast-mcp/validation'
import { versionTag, type Version } from '@fast-mcp/versioning'
import { join } from 'node:path'
import type { BaseImage } from '../base-image/base-record.ts'
import { archiveFile, imageName, type ImageRecord } from '../container/image-record.ts'
import type { ImageScan } from './image-scan.ts'
import { secretVariables } from './secrets.ts'

export interface ImageProbeOptions {
  readonly workspace: string
  readonly version: Version
  readonly image: ImageRecord
  readonly base: BaseImage
  /** The archive, read and checked once. */
  readonly archive: () => Promise<OciArchive>
  /** Its layers, read once. */
  readonly scan: () => Promise<ImageScan>
  /** Builds the image a second time and gives its id. */
  readonly buildAgain: (signal: AbortSignal) => Promise<string>
}

/** Bytes that the specification allows, and those that are aimed at. */
const limit = { unpacked: 1e9, aimUnpacked: 140e6, aimStored: 55e6 }

/** The checks on the image itself: what it is named, says and holds. */
export function imageProbes(options: ImageProbeOptions): Record<string, Probe> {
  const { workspace, version, image, base, archive, scan, buildAgain } = options
  return {
    'build.image': async () => {
      const found = await readOciArchive(join(workspace, archiveFile))
      return holds(
        found.manifestDigest === image.manifestDigest,
        `${archiveFile}: ${found.manifestDigest}, ${String(found.layers.length)} layers, built by ${image.engine} in ${(image.buildMs / 1000).toFixed(1)} s`,
        `${archiveFile} holds ${found.manifestDigest}; built was ${image.manifestDigest}`
      )
    },
    'build.tag': async () => {
      const expected = `${imageName}:${versionTag(version)}`
      const { referenceName = 'no name' } = await archive()
      return holds(referenceName === expected, referenceName, `${referenceName}; expected ${expected}`)
    },
    'build.image-label': async () => {
      const revision = (await archive()).config.labels['org.opencontainers.image.revision'] ?? 'missing'
      return holds(revision === version.fullSha, revision, `label ${revision}\nHEAD  ${version.fullSha}`)
    },
    'build.platform': async () => {
      const { os, architecture } = (await archive()).config
      const platform = `${os}/${architecture}`
      return holds(platform === 'linux/amd64', platform, `${platform}; expected linux/amd64`)
    },
    'build.size': async () => {
      const unpacked = (await scan()).layers.reduce((sum, { bytes }) => sum + bytes, 0)
      const { storedSize } = await archive()
      const aim =
        unpacked <= limit.aimUnpacked && storedSize <= limit.aimStored ? 'within' : 'above the aim of'
      return holds(
        unpacked < limit.unpacked,
        `${megabytes(unpacked)} unpacked, ${megabytes(storedSize)} in a registry; ${aim} 140 MB and 55 MB`,
        `${megabytes(unpacked)} unpacked; expected less than 1 GB`
      )
    },
    'build.layers': async () => {
      const { layers } = await scan()
      const below = layers.filter(({ holdsOther }) => holdsOther)
      const server = layers.filter(({ holdsServer }) => holdsServer)
      const mixed = layers.some(({ holdsServer, holdsOther }) => holdsServer && holdsOther)
      const diffId = (await archive()).layers[0]?.diffId
      const sameBase = base.kind === 'pulled' || diffId === base.layerDigest
      return holds(
        !mixed && below.length > 0 && server.length > 0 && sameBase,
        `base ${megabytes(sum(below))} in ${String(below.length)}, server ${megabytes(sum(server))} in ${String(server.length)} above`,
        [
          ...layers.map(
            ({ digest, holdsServer, holdsOther }) =>
              `${digest}: ${holdsOther ? 'base' : ''}${holdsServer ? ' server' : ''}`
          ),
          ...(sameBase ? [] : [`the lowest layer is ${diffId ?? 'missing'}, not that of the base image`])
        ].join('\n')
      )
    },
    'build.reproducible': async ({ signal }) => {
      const { newest } = await scan()
      const { config, imageId } = await archive()
      const committed = new Date(version.committedAt)
      if (newest > committed || config.created === undefined || new Date(config.created) > committed)
        return failed(
          `committed ${version.committedAt}\nnewest file ${newest.toISOString()}\nimage ${config.created ?? 'of no time'}`
        )
      const again = await buildAgain(signal)
      return holds(
        again === imageId,
        `built twice, both ${imageId}; nothing in it is younger than the commit`,
        `first  ${imageId}\nsecond ${again}`
      )
    },
    'build.no-secrets': async () => {
      const { secrets, layers } = await scan()
      const variables = secretVariables((await archive()).config.environment)
      const files = layers.reduce((count, layer) => count + layer.files, 0)
      return holds(
        secrets.length === 0 && variables.length === 0,
        `none in ${String(files)} files, ${String(layers.length)} layers and the environment`,
        [...secrets, ...variables.map((name) => `environment variable ${name}`)].join('\n')
      )
    },
    'build.port': async () => {
      const { exposedPorts } = (await archive()).config
      const ports = exposedPorts.join(', ') || 'none'
      return holds(exposedPorts.includes('8000/tcp'), ports, `${ports}; expected 8000/tcp`)
    }
  }
}

/** A finding from a condition and what was seen either way. */
export function holds(condition: boolean, seen: string, otherwise: string): Finding {
  return condition ? { status: 'passed', evidence: seen } : failed(otherwise)
}

function failed(evidence: string): Finding {
  return { status: 'failed', evidence }
}

function sum(layers: readonly { readonly bytes: number }[]): number {
  return layers.reduce((total, { bytes }) => total + bytes, 0)
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
