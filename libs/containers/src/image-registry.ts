import { CodedError } from '@fast-mcp/errors'
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { imageConfig, ociConfig, ociManifest, type ImageConfig, type OciManifest } from './oci-schema.ts'
import type { RegistryCredentials } from './registry-credentials.ts'
import { registryFetch } from './registry-fetch.ts'

export interface ImageRegistryOptions {
  /** Host with optional port. */
  readonly host: string
  /** Speak plain HTTP. @default false */
  readonly insecure?: boolean
  readonly credentials?: RegistryCredentials | undefined
  readonly signal?: AbortSignal | undefined
}

export interface RegistryManifest {
  /** Of the bytes that came, computed here. */
  readonly digest: string
  readonly mediaType: string
  readonly size: number
  readonly manifest: OciManifest
}

/**
 * The reading side of an image registry. Every method throws CodedError `registry-unavailable` where the registry
 * does not answer and `registry-refused`, with its words, where it refuses.
 *
 * Source: OCI Distribution Specification 1.1.
 */
export interface ImageRegistry {
  readonly host: string
  /** Whether it answers as an image registry. */
  ping(): Promise<void>
  /** The manifest of a tag or digest, undefined where there is none. */
  manifest(repository: string, reference: string): Promise<RegistryManifest | undefined>
  /** The config that a manifest names, its digest checked. */
  config(repository: string, manifest: OciManifest): Promise<ImageConfig>
  /** All tags of a repository; none where there is no such repository. */
  tags(repository: string): Promise<readonly string[]>
  hasBlob(repository: string, digest: string): Promise<boolean>
}

const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json'
]

const tagList = z.object({ tags: z.array(z.string()).nullable() })

export function imageRegistry(options: ImageRegistryOptions): ImageRegistry {
  const { host } = options
  const ask = registryFetch(options)

  /** The response, undefined for 404; any other refusal is thrown. */
  async function found(path: string, accept: string, method = 'GET'): Promise<Response | undefined> {
    const response = await ask(path, { method, headers: { accept } })
    if (response.status === 404) return undefined
    if (!response.ok) throw await refused(host, path, response)
    return response
  }

  return {
    host,

    async ping() {
      const response = await ask('/v2/', { method: 'GET' })
      if (!response.ok) throw await refused(host, '/v2/', response)
    },

    async manifest(repository, reference) {
      const path = `/v2/${repository}/manifests/${reference}`
      const response = await found(path, manifestTypes.join(', '))
      if (response === undefined) return undefined
      const bytes = Buffer.from(await response.arrayBuffer())
      const digest = sha256(bytes)
      if (reference.startsWith('sha256:') && reference !== digest)
        throw corrupt(host, path, `bytes with the digest ${digest}`)
      const manifest = parse(host, path, ociManifest, bytes)
      const mediaType = response.headers.get('content-type') ?? manifest.mediaType ?? ''
      return { digest, mediaType, size: bytes.length, manifest }
    },

    async config(repository, manifest) {
      const path = `/v2/${repository}/blobs/${manifest.config.digest}`
      const response = await found(path, '*/*')
      if (response === undefined) throw corrupt(host, path, 'nothing')
      const bytes = Buffer.from(await response.arrayBuffer())
      if (sha256(bytes) !== manifest.config.digest)
        throw corrupt(host, path, `bytes with the digest ${sha256(bytes)}`)
      return imageConfig(parse(host, path, ociConfig, bytes))
    },

    async tags(repository) {
      const all: string[] = []
      let path: string | undefined = `/v2/${repository}/tags/list?n=1000`
      while (path !== undefined) {
        const response: Response | undefined = await found(path, 'application/json')
        if (response === undefined) return all
        all.push(...(parse(host, path, tagList, Buffer.from(await response.arrayBuffer())).tags ?? []))
        path = nextPage(host, response)
      }
      return all
    },

    async hasBlob(repository, digest) {
      return (await found(`/v2/${repository}/blobs/${digest}`, '*/*', 'HEAD')) !== undefined
    }
  }
}

// RFC 8288 link, relative or absolute; never followed to another host.
function nextPage(host: string, response: Response): string | undefined {
  const link = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('link') ?? '')?.[1]
  if (link === undefined) return undefined
  const url = new URL(link, `http://${host}`)
  return `${url.pathname}${url.search}`
}

function sha256(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

function parse<T extends z.ZodType>(host: string, path: string, schema: T, bytes: Buffer): z.output<T> {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch {
    throw corrupt(host, path, 'no JSON')
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw corrupt(host, path, `something else: ${z.prettifyError(result.error)}`)
}

function corrupt(host: string, path: string, what: string): CodedError {
  return new CodedError('registry-refused', `the registry ${host} gave ${what} for ${path}`, {
    remedy: 'Push the image again; if that does not help, the storage of the registry is damaged.'
  })
}

async function refused(host: string, path: string, response: Response): Promise<CodedError> {
  return new CodedError('registry-refused', `the registry ${host} answered ${response.status} to ${path}`, {
    evidence: (await response.text()).slice(0, 2000),
    remedy:
      response.status === 401 || response.status === 403
        ? `Log in to ${host} with an account that may do this (for ECR the token lasts 12 hours).`
        : 'Check the repository and the tag; for a status of 500 or more, try again later.'
  })
}
