import { attachReferrer, imageRegistry, type RegistryCredentials } from '@fast-mcp/containers'
import { CodedError } from '@fast-mcp/errors'
import { fileDigest, recordPath } from '@fast-mcp/validation'
import { parseImageReference, versionTag, type Version } from '@fast-mcp/versioning'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { readBaseRecord } from '../base-image/base-record.ts'
import type { PushRecord } from '../push/push-record.ts'
import { provenance } from './provenance.ts'
import { sbom } from './sbom.ts'

export interface AttestOptions {
  readonly workspace: string
  readonly version: Version
  readonly pushed: PushRecord
  readonly credentials: RegistryCredentials | undefined
  readonly signal: AbortSignal
}

/**
 * Attaches to the pushed image what it is made of and how it came to be. Quick where both are there. Gives their
 * digests: first the list of parts, then the provenance.
 */
export async function attest(options: AttestOptions): Promise<readonly string[]> {
  const { workspace, version, pushed, credentials, signal } = options
  const { repository } = parseImageReference(pushed.reference)
  const access = { host: pushed.registry, insecure: pushed.insecure, credentials, signal }
  const found = await imageRegistry(access).manifest(repository, pushed.digest)
  if (found === undefined)
    throw new CodedError('registry-refused', `${pushed.registry} has no ${repository}@${pushed.digest}`, {
      remedy: 'Push the image: nx run mcp-server:push'
    })
  const subject = { digest: found.digest, mediaType: found.mediaType, size: found.size }
  const attach = (artifactType: string, content: string): Promise<string> =>
    attachReferrer({ ...access, repository, subject, artifactType, content, created: version.committedAt })
  const image = { name: repository, digest: pushed.digest, version: versionTag(version) }
  return [
    await attach('application/vnd.cyclonedx+json', await listParts(workspace, version, image)),
    await attach(
      'application/vnd.in-toto+json',
      provenance({ image, version, materials: await materials(workspace), created: version.committedAt })
    )
  ]
}

async function listParts(
  workspace: string,
  version: Version,
  image: { readonly name: string; readonly digest: string; readonly version: string }
): Promise<string> {
  const base = await baseIfThere(workspace)
  const lock = join(workspace, 'package-lock.json')
  return sbom({
    lock: existsSync(lock) ? await readFile(lock, 'utf8') : '{"packages":{}}',
    basePackages: base?.kind === 'built' ? base.packages : [],
    node: base?.kind === 'built' ? base.node : undefined,
    image,
    created: version.committedAt
  })
}

/** A base image that was pulled, or restored without its record, brings no list of packages. */
async function baseIfThere(workspace: string) {
  try {
    return await readBaseRecord(workspace)
  } catch (error) {
    if (error instanceof CodedError && error.code === 'output-missing') return undefined
    throw error
  }
}

async function materials(workspace: string): Promise<readonly { name: string; digest: string }[]> {
  const paths = [
    join(workspace, 'package-lock.json'),
    join(workspace, 'apps/mcp-server/Dockerfile'),
    recordPath(workspace, 'app'),
    recordPath(workspace, 'build')
  ]
  return Promise.all(
    paths
      .filter((path) => existsSync(path))
      .map(async (path) => ({ name: relative(workspace, path), digest: await fileDigest(path) }))
  )
}
