import type { Version } from '@fast-mcp/versioning'
import { versionTag } from '@fast-mcp/versioning'
import { imageName } from './image-record.ts'

/** The options of the nx-container executor that are used here. */
export interface ExecutorOptions {
  readonly engine: 'docker' | 'podman'
  readonly context: string
  readonly file: string
  readonly quiet: boolean
  readonly platforms: readonly string[]
  readonly 'no-cache': boolean
  readonly 'build-args': readonly string[]
  readonly tags?: readonly string[]
  readonly outputs?: readonly string[]
  readonly 'build-contexts'?: readonly string[]
  readonly provenance?: string
}

export interface BuildRequest {
  readonly engine: 'docker' | 'podman'
  readonly version: Version
  /** Folder to build from. */
  readonly context: string
  readonly dockerfile: string
  /** Path of the archive to write, relative to the working folder: a colon in it would end it. */
  readonly archive: string
  readonly base:
    | { readonly kind: 'reference'; readonly reference: string }
    /** Folder of an OCI image layout. */
    | { readonly kind: 'layout'; readonly folder: string }
}

/**
 * What the nx-container executor is asked for. Both engines write an OCI archive and keep nothing: a result in an
 * engine's store cannot be cached. No layer cache: it would keep the version of another commit.
 */
export function executorOptions(request: BuildRequest): ExecutorOptions {
  const { engine, version, context, dockerfile, archive, base } = request
  const name = `${imageName}:${versionTag(version)}`
  const common = {
    engine,
    context,
    file: dockerfile,
    quiet: true,
    platforms: ['linux/amd64'],
    'no-cache': true
  }
  const args = [
    `BASE=${base.kind === 'reference' ? base.reference : 'base'}`,
    `VERSION=${versionTag(version)}`,
    `REVISION=${version.fullSha}`,
    `CREATED=${version.committedAt}`
  ]
  const contexts = base.kind === 'layout' ? { 'build-contexts': [`base=oci-layout://${base.folder}`] } : {}
  if (engine === 'podman')
    return { ...common, ...contexts, 'build-args': args, tags: [`oci-archive:${archive}:${name}`] }
  return {
    ...common,
    ...contexts,
    // BuildKit takes the time of everything it makes from this argument.
    'build-args': [...args, `SOURCE_DATE_EPOCH=${String(commitSeconds(version))}`],
    outputs: [`type=oci,dest=${archive},name=${name},rewrite-timestamp=true`],
    // An attestation would make an index of two manifests out of the one image.
    provenance: 'false'
  }
}

/** Commit time in seconds since 1970. */
export function commitSeconds(version: Version): number {
  return Date.parse(version.committedAt) / 1000
}
