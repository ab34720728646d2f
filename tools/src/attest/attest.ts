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
  return sbom({
    notices: await readNotices(workspace),
    basePackages: base?.kind === 'built' ? base.packages : [],
    node: base?.kind === 'built' ? base.node : undefined,
    image,
    created: version.committedAt
  })
}

/** Throws CodedError `output-missing` where the server was not built here: what is in the image cannot be told then. */
async function readNotices(workspace: string): Promise<string> {
  const path = 'dist/apps/mcp-server/THIRD-PARTY-NOTICES.txt'
  if (!existsSync(join(workspace, path)))
    throw new CodedError('output-missing', `there is no ${path}, which lists what is in the image`, {
      remedy: 'Build the server: nx run mcp-server:build'
    })
  return readFile(join(workspace, path), 'utf8')
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
