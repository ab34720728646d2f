import { CodedError } from '@fast-mcp/errors'
import { z } from 'zod'
import type { RegistryCredentials } from './registry-credentials.ts'

export interface RegistryFetchOptions {
  readonly host: string
  readonly insecure?: boolean
  readonly credentials?: RegistryCredentials | undefined
  readonly signal?: AbortSignal | undefined
}

export type RegistryFetch = (
  path: string,
  request: {
    readonly method: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: Uint8Array<ArrayBuffer>
  }
) => Promise<Response>

const timeLimitMs = 30_000

/**
 * A fetch for the paths of one registry that answers its authentication challenge, Basic or Bearer.
 * Throws CodedError `registry-unavailable` where no answer comes within 30 s.
 *
 * Source: CNCF Distribution, "Token Authentication Specification".
 */
export function registryFetch(options: RegistryFetchOptions): RegistryFetch {
  const { host, insecure = false, credentials, signal } = options
  const basic =
    credentials === undefined
      ? undefined
      : `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`
  let authorization = basic

  async function send(
    url: URL,
    method: string,
    headers: Readonly<Record<string, string>>,
    body?: Uint8Array<ArrayBuffer>
  ): Promise<Response> {
    const limit = AbortSignal.timeout(timeLimitMs)
    try {
      return await fetch(url, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
        signal: signal === undefined ? limit : AbortSignal.any([signal, limit])
      })
    } catch (error) {
      signal?.throwIfAborted()
      const cause = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : error
      throw new CodedError('registry-unavailable', `the image registry ${host} does not answer`, {
        evidence: String(cause),
        remedy:
          'Check that it runs and that host and port are right; the local one is started by `make catalog`.',
        cause: error
      })
    }
  }

  async function token(challenge: string): Promise<string | undefined> {
    const values = new Map(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value])
    )
    const realm = values.get('realm')
    if (realm === undefined) return undefined
    const url = new URL(realm)
    // Credentials go to no place that an eavesdropper reads, unless the registry itself is one.
    if (url.protocol !== 'https:' && !insecure) return undefined
    for (const name of ['service', 'scope']) {
      const value = values.get(name)
      if (value !== undefined) url.searchParams.set(name, value)
    }
    const response = await send(url, 'GET', basic === undefined ? {} : { authorization: basic })
    if (!response.ok) return undefined
    const answer = z.object({ token: z.string().optional(), access_token: z.string().optional() })
    const { token: given, access_token: oauth } = answer.parse(await response.json())
    const value = given ?? oauth
    return value === undefined ? undefined : `Bearer ${value}`
  }

  return async (path, { method, headers = {}, body }) => {
    const url = new URL(`${insecure ? 'http' : 'https'}://${host}${path}`)
    const attempt = (): Promise<Response> =>
      send(url, method, { ...headers, ...(authorization === undefined ? {} : { authorization }) }, body)
    const response = await attempt()
    const challenge = response.headers.get('www-authenticate')
    if (response.status !== 401 || challenge === null || !/^bearer /i.test(challenge)) return response
    const bearer = await token(challenge)
    if (bearer === undefined) return response
    authorization = bearer
    return attempt()
  }
}
