import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { eachBlob, readOciArchive } from '../src/oci-archive.ts'

export interface RegistryServerOptions {
  readonly port?: number
  /** User and password it asks for, by Basic or by Bearer authentication. */
  readonly login?: { readonly kind: 'basic' | 'bearer'; readonly user: string; readonly password: string }
  /** How many tags a page has. @default all */
  readonly tagPage?: number
}

export interface RegistryServer extends AsyncDisposable {
  /** Host with port. */
  readonly host: string
  readonly blobs: Map<string, Buffer>
  /** `<repository>:<tag>` or `<repository>@<digest>` to bytes. */
  readonly manifests: Map<string, Buffer>
  /** Method and path of every request. */
  readonly requests: string[]
  close(): Promise<void>
}

const mediaType = 'application/vnd.oci.image.manifest.v1+json'

/** An image registry in memory, with as much of the OCI Distribution Specification as tests need. */
export async function startRegistry(options: RegistryServerOptions = {}): Promise<RegistryServer> {
  const blobs = new Map<string, Buffer>()
  const manifests = new Map<string, Buffer>()
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`)
    void read(request).then((body) => {
      if (request.url?.startsWith('/token?') === true) token(request, response, options, host)
      else if (isLoggedIn(request, options, host)) answer(request, response, body)
      else challenge(request, response, options, host)
    })
  })

  function answer(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const { method = '' } = request
    const url = new URL(request.url ?? '/', 'http://registry')
    const match = /^\/v2\/(.+)\/(manifests|blobs|tags)\/(.+)$/.exec(url.pathname)
    if (url.pathname === '/v2/') return send(response, 200, Buffer.from('{}'))
    if (match === null) return send(response, 404)
    const [, repository = '', kind, reference = ''] = match
    const key = reference.startsWith('sha256:') ? `${repository}@${reference}` : `${repository}:${reference}`
    if (kind === 'tags') return tags(response, repository, url)
    if (kind === 'blobs' && method === 'POST')
      return send(response, 202, undefined, { location: `/v2/${repository}/blobs/uploads/1` })
    if (kind === 'blobs' && method === 'PUT') {
      blobs.set(url.searchParams.get('digest') ?? '', body)
      return send(response, 201)
    }
    if (kind === 'manifests' && method === 'PUT') {
      manifests.set(key, body)
      manifests.set(`${repository}@sha256:${createHash('sha256').update(body).digest('hex')}`, body)
      return send(response, 201)
    }
    const found = kind === 'manifests' ? manifests.get(key) : blobs.get(reference)
    if (found === undefined) return send(response, 404, Buffer.from('{"errors":[{"code":"UNKNOWN"}]}'))
    send(
      response,
      200,
      method === 'HEAD' ? undefined : found,
      kind === 'manifests' ? { 'content-type': mediaType } : {}
    )
  }

  function tags(response: ServerResponse, repository: string, url: URL): void {
    const all = [...manifests.keys()].flatMap((key) =>
      key.startsWith(`${repository}:`) ? [key.slice(repository.length + 1)] : []
    )
    if (all.length === 0) return send(response, 404)
    const from = Number(url.searchParams.get('from') ?? 0)
    const until = from + (options.tagPage ?? all.length)
    const link = until < all.length ? { link: `</v2/${repository}/tags/list?from=${until}>; rel="next"` } : {}
    send(response, 200, Buffer.from(JSON.stringify({ tags: all.slice(from, until) })), link)
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('the system gave no port')
  const host = `127.0.0.1:${address.port}`
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { host, blobs, manifests, requests, close, [Symbol.asyncDispose]: close }
}

/** Puts the image of an archive into the registry. */
export async function fillRegistry(
  registry: RegistryServer,
  archive: string,
  repository: string,
  tag: string
): Promise<void> {
  const { manifestDigest } = await readOciArchive(archive)
  await eachBlob(archive, async (name, _size, content) => {
    const chunks: Buffer[] = []
    for await (const chunk of content) chunks.push(chunk)
    const digest = name.replace(/^blobs\/sha256\//, 'sha256:')
    const bytes = Buffer.concat(chunks)
    if (digest !== manifestDigest) registry.blobs.set(digest, bytes)
    else
      for (const key of [`${repository}:${tag}`, `${repository}@${digest}`])
        registry.manifests.set(key, bytes)
  })
}

function isLoggedIn(request: IncomingMessage, { login }: RegistryServerOptions, host: string): boolean {
  if (login === undefined) return true
  const { authorization } = request.headers
  return authorization === (login.kind === 'basic' ? basic(login) : `Bearer token-of-${host}`)
}

function token(
  request: IncomingMessage,
  response: ServerResponse,
  { login }: RegistryServerOptions,
  host: string
): void {
  const known = login !== undefined && request.headers.authorization === basic(login)
  send(response, known ? 200 : 401, Buffer.from(JSON.stringify({ token: `token-of-${host}` })))
}

function basic({ user, password }: NonNullable<RegistryServerOptions['login']>): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

function challenge(
  request: IncomingMessage,
  response: ServerResponse,
  { login }: RegistryServerOptions,
  host: string
): void {
  const how =
    login?.kind === 'bearer'
      ? `Bearer realm="http://${host}/token",service="registry",scope="repository:x:pull"`
      : 'Basic realm="registry"'
  send(response, 401, Buffer.from(`not you: ${request.url ?? ''}`), { 'www-authenticate': how })
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function send(
  response: ServerResponse,
  status: number,
  body?: Buffer,
  headers: Readonly<Record<string, string>> = {}
): void {
  response.writeHead(status, headers)
  response.end(body)
}
