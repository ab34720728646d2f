import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

import { Buckets, type StoredObject } from './buckets.ts'
import { keyedXml, listXml, versionsXml } from './xml.ts'

/** A request as the answers below see it. */
interface Request {
  readonly method: string
  readonly bucket: string
  readonly key: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

interface Upload {
  readonly bucket: string
  readonly key: string
  readonly headers: StoredObject['headers']
  readonly parts: Map<number, Buffer>
}

/**
 * A small S3 server in this process: objects, versions, lists, multipart uploads, SHA-256 checksums and conditional
 * writes, as far as the store uses them. Tests can look into `buckets` and make requests fail.
 */
export class S3Server {
  readonly buckets = new Buckets()
  /** Requests as `METHOD /bucket/key`, in order. */
  readonly log: string[] = []
  /** The Authorization header of each of them. */
  readonly authorizations: (string | undefined)[] = []
  /** Answers given in place of the next requests. */
  readonly failures: { readonly status: number; readonly code: string }[] = []
  /** Without them a server answers 501 to conditional writes, and gives no checksums. */
  conditionalWrites = true
  checksums = true
  /** Called before a request is answered. */
  onRequest: ((method: string) => void) | undefined
  readonly #uploads = new Map<string, Upload>()
  readonly #server: Server

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#handle(request, response)
    })
  }

  static async start(): Promise<S3Server> {
    const server = new S3Server()
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve))
    return server
  }

  get endpoint(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the server does not listen')
    return `http://127.0.0.1:${String(address.port)}`
  }

  get openUploads(): number {
    return this.#uploads.size
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(message)
    const url = new URL(message.url ?? '/', 'http://host')
    const [, bucket = '', ...rest] = url.pathname.split('/').map(decodeURIComponent)
    const request = {
      method: message.method ?? '',
      bucket,
      key: rest.join('/'),
      query: url.searchParams,
      headers: message.headers,
      body
    }
    this.log.push(`${request.method} /${bucket}/${request.key}`)
    this.authorizations.push(message.headers.authorization)
    this.onRequest?.(request.method)
    const failure = this.failures.shift()
    const answer = failure === undefined ? this.#answer(request) : error(failure.status, failure.code)
    response.writeHead(answer.status, { 'x-amz-request-id': randomUUID(), ...answer.headers })
    response.end(request.method === 'HEAD' ? undefined : answer.body)
  }

  #answer(request: Request): Answer {
    const { method, bucket, key, query } = request
    if (key === '' && method === 'PUT') return this.#configure(request)
    if (!this.buckets.has(bucket)) return error(404, 'NoSuchBucket')
    if (key === '')
      return {
        status: 200,
        body: query.has('versions')
          ? versionsXml(this.buckets, bucket, query)
          : listXml(this.buckets, bucket, query)
      }
    if (method === 'GET' || method === 'HEAD') return this.#read(request)
    if (method === 'POST') return query.has('uploads') ? this.#begin(request) : this.#complete(request)
    if (method === 'PUT') return query.has('uploadId') ? this.#part(request) : this.#write(request)
    if (query.has('uploadId')) this.#uploads.delete(query.get('uploadId') ?? '')
    else this.buckets.delete(bucket, key)
    return { status: 204 }
  }

  /** Makes a bucket, or turns its versions on. */
  #configure({ bucket, query }: Request): Answer {
    this.buckets.create(bucket, { versioned: query.has('versioning') })
    return { status: 200 }
  }

  #read({ bucket, key, query, headers }: Request): Answer {
    const found = this.buckets.find(bucket, key, query.get('versionId') ?? undefined)
    if (found === undefined) return error(404, query.has('versionId') ? 'NoSuchVersion' : 'NoSuchKey')
    const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '')
    const { length } = found.body
    if (range === null)
      return {
        status: 200,
        headers: { ...this.#describe(found), 'content-length': String(length) },
        body: found.body
      }
    const start = Number(range[1])
    const end = Math.min(range[2] === '' ? length : Number(range[2]) + 1, length)
    if (start >= length) return error(416, 'InvalidRange')
    return {
      status: 206,
      headers: {
        ...this.#describe(found),
        'content-length': String(end - start),
        'content-range': `bytes ${String(start)}-${String(end - 1)}/${String(length)}`
      },
      body: found.body.subarray(start, end)
    }
  }

  #describe(found: StoredObject): Record<string, string> {
    return {
      ...found.headers,
      etag: found.etag,
      'last-modified': found.modified.toUTCString(),
      ...(found.versionId === undefined ? {} : { 'x-amz-version-id': found.versionId }),
      ...(this.checksums && found.sha256 !== undefined ? { 'x-amz-checksum-sha256': found.sha256 } : {})
    }
  }

  #write(request: Request): Answer {
    const { bucket, key, headers } = request
    const current = this.buckets.find(bucket, key)?.etag
    const condition = headers['if-match'] ?? headers['if-none-match']
    if (condition !== undefined && !this.conditionalWrites) return error(501, 'NotImplemented')
    if (headers['if-match'] !== undefined && headers['if-match'] !== current)
      return current === undefined ? error(404, 'NoSuchKey') : error(412, 'PreconditionFailed')
    if (headers['if-none-match'] === '*' && current !== undefined) return error(412, 'PreconditionFailed')
    const source = this.#sourceOf(request)
    if (source === undefined) return error(404, 'NoSuchKey')
    const copied = headers['x-amz-copy-source'] !== undefined
    const sha256 = sha256Of(source)
    const given = headers['x-amz-checksum-sha256']
    if (given !== undefined && given !== sha256) return error(400, 'BadDigest')
    const keeps = given !== undefined || headers['x-amz-checksum-algorithm'] === 'SHA256'
    const stored = this.buckets.put(bucket, key, source, {
      headers: storedHeaders(headers),
      ...(keeps ? { sha256 } : {})
    })
    const body = keyedXml('CopyObjectResult', {
      ETag: stored.etag,
      ...(this.checksums ? { ChecksumSHA256: sha256 } : {})
    })
    return { status: 200, headers: this.#describe(stored), ...(copied ? { body } : {}) }
  }

  #sourceOf({ headers, body }: Request): Buffer | undefined {
    const source = headers['x-amz-copy-source']
    if (typeof source !== 'string') return body
    const [path = '', version] = source.split('?versionId=')
    const [bucket = '', ...key] = path.replace(/^\//, '').split('/').map(decodeURIComponent)
    const found = this.buckets.find(bucket, key.join('/'), version)?.body
    const range = /^bytes=(\d+)-(\d+)$/.exec(String(headers['x-amz-copy-source-range'] ?? ''))
    return range === null ? found : found?.subarray(Number(range[1]), Number(range[2]) + 1)
  }

  #begin({ bucket, key, headers }: Request): Answer {
    const UploadId = randomUUID()
    this.#uploads.set(UploadId, { bucket, key, headers: storedHeaders(headers), parts: new Map() })
    return {
      status: 200,
      body: keyedXml('InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId })
    }
  }

  #part(request: Request): Answer {
    const { query, headers } = request
    const upload = this.#uploads.get(query.get('uploadId') ?? '')
    const bytes = this.#sourceOf(request)
    if (upload === undefined || bytes === undefined) return error(404, 'NoSuchUpload')
    const sha256 = sha256Of(bytes)
    const given = headers['x-amz-checksum-sha256']
    if (given !== undefined && given !== sha256) return error(400, 'BadDigest')
    upload.parts.set(Number(query.get('partNumber')), bytes)
    const ETag = `"${createHash('md5').update(bytes).digest('hex')}"`
    if (headers['x-amz-copy-source'] === undefined) return { status: 200, headers: { etag: ETag } }
    return {
      status: 200,
      body: keyedXml('CopyPartResult', { ETag, ...(this.checksums ? { ChecksumSHA256: sha256 } : {}) })
    }
  }

  #complete({ query }: Request): Answer {
    const id = query.get('uploadId') ?? ''
    const upload = this.#uploads.get(id)
    if (upload === undefined) return error(404, 'NoSuchUpload')
    this.#uploads.delete(id)
    const parts = [...upload.parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes)
    const digests = Buffer.concat(parts.map((part) => Buffer.from(sha256Of(part), 'base64')))
    const sha256 = `${sha256Of(digests)}-${String(parts.length)}`
    const { etag, versionId } = this.buckets.put(upload.bucket, upload.key, Buffer.concat(parts), {
      sha256,
      headers: upload.headers
    })
    return {
      status: 200,
      headers: versionId === undefined ? {} : { 'x-amz-version-id': versionId },
      body: keyedXml('CompleteMultipartUploadResult', { ETag: etag })
    }
  }
}

/** The headers of a request that are given back with the object. */
function storedHeaders(headers: IncomingMessage['headers']): StoredObject['headers'] {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' && (name === 'content-type' || name.startsWith('x-amz-meta-'))
        ? [[name, value]]
        : []
    )
  )
}

function error(status: number, Code: string): Answer {
  return { status, body: keyedXml('Error', { Code, Message: Code }) }
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64')
}
