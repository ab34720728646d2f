import { CodedError } from '@fast-mcp/errors'
import { formatImageReference, parseImageReference } from '@fast-mcp/versioning'
import { imageLimitMs, must } from './engine-command.ts'
import type { EngineEnvironment } from './engine-environment.ts'
import { imageRegistry } from './image-registry.ts'
import { readOciArchive } from './oci-archive.ts'
import { registryCredentials } from './registry-credentials.ts'

export interface PushArchiveOptions {
  /** Path of an OCI archive with one image. */
  readonly archive: string
  /** Where to: registry, repository and tag. */
  readonly reference: string
  /** Plain HTTP. */
  readonly insecure: boolean
  /** Credentials, in the form of containers-auth.json(5). @default where podman and docker keep them */
  readonly authFile?: string | undefined
  readonly environment: EngineEnvironment
  readonly signal?: AbortSignal | undefined
}

export interface PushedImage {
  /** Digest of the manifest: that of the archive, always. */
  readonly digest: string
  /** False where the registry had the very image under this tag already. */
  readonly pushed: boolean
}

/**
 * Pushes the image of an OCI archive as it is, so that the registry's digest is the archive's. Quick where the tag
 * points at it already.
 * Throws CodedError `archive-invalid`, `registry-unavailable`, `registry-refused`, `missing-tool` (skopeo).
 */
export async function pushArchive(options: PushArchiveOptions): Promise<PushedImage> {
  const { archive, insecure, authFile, environment, signal } = options
  const reference = parseImageReference(options.reference)
  const { registry: host, repository, tag } = reference
  if (host === undefined || tag === undefined)
    throw new CodedError('invalid-reference', `${options.reference} is no place to push to`, {
      remedy: 'Name a registry and a tag: <registry>/<repository>:<tag>.'
    })
  const { manifestDigest: digest } = await readOciArchive(archive)
  const credentials = await registryCredentials(host, authFile)
  const registry = imageRegistry({ host, insecure, credentials, signal })
  if ((await registry.manifest(repository, tag))?.digest === digest) return { digest, pushed: false }
  const args = [
    ...(environment.policy === undefined ? [] : ['--policy', environment.policy]),
    'copy',
    '--quiet',
    '--preserve-digests',
    ...(insecure ? ['--dest-tls-verify=false'] : []),
    ...(authFile === undefined ? [] : ['--dest-authfile', authFile]),
    `oci-archive:${archive}`,
    `docker://${formatImageReference(reference)}`
  ]
  await must({ program: 'skopeo', environment, signal }, args, { limitMs: imageLimitMs })
  const there = (await registry.manifest(repository, tag))?.digest
  if (there !== digest)
    throw new CodedError(
      'registry-refused',
      `${options.reference} is ${there ?? 'not there'} after the push`,
      {
        evidence: `pushed ${digest}\nfound  ${there ?? 'nothing'}`,
        remedy: 'Someone else pushes to this tag, or the registry rewrites manifests: use another repository.'
      }
    )
  return { digest, pushed: true }
}
