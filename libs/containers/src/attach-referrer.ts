import { CodedError } from '@fast-mcp/errors'
import { createHash } from 'node:crypto'
import { registryFetch, type RegistryFetch, type RegistryFetchOptions } from './registry-fetch.ts'

export interface ReferrerOptions extends RegistryFetchOptions {
  readonly repository: string
  /** The image it says something about. */
  readonly subject: { readonly digest: string; readonly mediaType: string; readonly size: number }
  /** Type of what is attached: `application/vnd.cyclonedx+json`. */
  readonly artifactType: string
  readonly content: string
  /** ISO 8601; the same time and content give the same digest. */
  readonly created: string
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const empty = Buffer.from('{}')

/**
 * Attaches a document to an image in a registry as an OCI referrer, and gives the digest of its manifest. What is there
 * already is not sent again. Throws CodedError `registry-unavailable` or `registry-refused`.
 *
 * Source: OCI Image Specification 1.1, "Guidelines for Artifact Usage"; OCI Distribution Specification 1.1, "Pushing".
 */
export async function attachReferrer(options: ReferrerOptions): Promise<string> {
  const { repository, subject, artifactType, created } = options
  const ask = registryFetch(options)
  const content = Buffer.from(options.content)
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      artifactType,
      config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf(empty), size: empty.length },
      layers: [{ mediaType: artifactType, digest: digestOf(content), size: content.length }],
      subject,
      annotations: { 'org.opencontainers.image.created': created }
    })
  )
  const digest = digestOf(manifest)
  const path = `/v2/${repository}/manifests/${digest}`
  const there = await ask(path, { method: 'HEAD', headers: { accept: manifestType } })
  if (there.ok) return digest
  await pushBlob(ask, options, empty)
  await pushBlob(ask, options, content)
  await accepted(
    options.host,
    path,
    await ask(path, { method: 'PUT', headers: { 'content-type': manifestType }, body: bytes(manifest) })
  )
  return digest
}

async function pushBlob(
  ask: RegistryFetch,
  { host, repository }: ReferrerOptions,
  blob: Buffer
): Promise<void> {
  const digest = digestOf(blob)
  const there = await ask(`/v2/${repository}/blobs/${digest}`, { method: 'HEAD' })
  if (there.ok) return
  const start = `/v2/${repository}/blobs/uploads/`
  const started = await ask(start, { method: 'POST' })
  await accepted(host, start, started)
  const location = started.headers.get('location') ?? start
  const end = new URL(location, `http://${host}`)
  end.searchParams.set('digest', digest)
  // The path alone: the bytes go to no other host, whatever the registry says.
  const path = `${end.pathname}${end.search}`
  const headers = { 'content-type': 'application/octet-stream' }
  await accepted(host, path, await ask(path, { method: 'PUT', headers, body: bytes(blob) }))
}

async function accepted(host: string, path: string, response: Response): Promise<void> {
  if (response.ok) return
  throw new CodedError('registry-refused', `the registry ${host} answered ${response.status} to ${path}`, {
    evidence: (await response.text()).slice(0, 2000),
    remedy: 'Check that the account may push to this repository, then run `make catalog` again.'
  })
}

function digestOf(blob: Buffer): string {
  return `sha256:${createHash('sha256').update(blob).digest('hex')}`
}

function bytes(blob: Buffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(blob)
}
