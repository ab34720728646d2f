import type { ImageRegistry, RegistryCredentials, RegistryManifest } from '@fast-mcp/containers'
import type { DeploymentTarget, Probe } from '@fast-mcp/validation'
import { parseEcrHost, parseImageReference, versionTag, type Version } from '@fast-mcp/versioning'
import { holds } from '../container-test/image-probes.ts'
import type { ImageRecord } from '../container/image-record.ts'
import type { PushRecord } from '../push/push-record.ts'

export interface RegistryProbeOptions {
  readonly target: DeploymentTarget
  readonly version: Version
  readonly image: ImageRecord
  readonly pushed: PushRecord
  readonly registry: ImageRegistry
  readonly credentials: RegistryCredentials | undefined
  /** CDK_DEFAULT_REGION. */
  readonly region: string | undefined
}

/** The checks on what the registry says and holds. */
export function registryProbes(options: RegistryProbeOptions) {
  const { target, version, image, pushed, registry, credentials, region } = options
  const { repository, tag } = parseImageReference(pushed.reference)
  const ecr = parseEcrHost(pushed.registry)
  const manifest = async (): Promise<RegistryManifest> => {
    const found = await registry.manifest(repository, pushed.digest)
    if (found === undefined) throw new Error(`${pushed.registry} has no ${repository}@${pushed.digest}`)
    return found
  }
  return {
    'catalog.reference': () => {
      const tagged = tag === versionTag(version)
      return Promise.resolve(
        holds(
          tagged && (target === 'local' || ecr !== undefined),
          pushed.reference,
          tagged
            ? `${pushed.registry} is no ECR registry`
            : `${pushed.reference}; expected tag ${versionTag(version)}`
        )
      )
    },
    'catalog.credentials': () =>
      Promise.resolve(
        holds(credentials !== undefined, `credentials for ${pushed.registry}`, `none for ${pushed.registry}`)
      ),
    'catalog.region': () =>
      Promise.resolve(
        holds(
          ecr !== undefined && (region === undefined || region === ecr.region),
          `${ecr?.region ?? ''}, from the registry's name`,
          `registry in ${ecr?.region ?? 'no region'}, CDK_DEFAULT_REGION ${region ?? 'unset'}`
        )
      ),
    'catalog.login': async () => {
      await registry.ping()
      return { status: 'passed', evidence: `${pushed.registry} accepts the credentials` }
    },
    'catalog.registry': async () => {
      await registry.ping()
      return { status: 'passed', evidence: `GET /v2/ of ${pushed.registry}: 200` }
    },
    'catalog.push': async () => {
      const { digest } = await manifest()
      return holds(
        digest === image.manifestDigest,
        `${pushed.reference}: ${digest}`,
        `built  ${image.manifestDigest}\npushed ${digest}`
      )
    },
    'catalog.manifest': async () => {
      const { manifest: parts, mediaType, size } = await manifest()
      const blobs = [parts.config, ...parts.layers]
      const there = await Promise.all(blobs.map(({ digest }) => registry.hasBlob(repository, digest)))
      const lacking = blobs.filter((_, index) => there[index] !== true).map(({ digest }) => digest)
      const bytes = blobs.reduce((sum, blob) => sum + blob.size, size)
      return holds(
        lacking.length === 0 && parts.config.digest === image.imageId,
        `${mediaType}, ${String(parts.layers.length)} layers and configuration, ${(bytes / 1e6).toFixed(1)} MB`,
        lacking.length > 0 ? `not there: ${lacking.join(', ')}` : `configuration ${parts.config.digest}`
      )
    },
    'catalog.tag': async () => {
      const [found, tags] = await Promise.all([
        registry.manifest(repository, versionTag(version)),
        registry.tags(repository)
      ])
      const digest = found?.digest ?? 'nothing'
      return holds(
        digest === pushed.digest && tags.includes(versionTag(version)),
        `${versionTag(version)} is ${digest}`,
        `${versionTag(version)} is ${digest}; expected ${pushed.digest}; tags: ${tags.join(', ')}`
      )
    },
    'catalog.metadata': async () => {
      const config = await registry.config(repository, (await manifest()).manifest)
      const revision = config.labels['org.opencontainers.image.revision'] ?? 'missing'
      const seen = `revision ${revision}, ${config.os}/${config.architecture}, user ${config.user || 'root'}, port ${config.exposedPorts.join(', ')}`
      return holds(
        revision === version.fullSha &&
          `${config.os}/${config.architecture}` === 'linux/amd64' &&
          /^[1-9]/.test(config.user) &&
          config.exposedPorts.includes('8000/tcp'),
        seen,
        `${seen}; expected revision ${version.fullSha}, linux/amd64, a user above 0, port 8000/tcp`
      )
    }
  } satisfies Record<string, Probe>
}
