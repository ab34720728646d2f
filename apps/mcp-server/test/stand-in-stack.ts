import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'

/** A user of the stand-in. */
export interface StandInUser {
  readonly name: string
  readonly email: string
  readonly buckets: readonly string[]
  /** How long credentials last that this user gets. @default an hour */
  readonly seconds?: number
}

/** An answer given in place of the next one at a path. */
export interface Fault {
  readonly path: '/config.json' | '/api/auth/get_credentials' | '/graphql' | '/api/search'
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Milliseconds before the answer. */
  readonly delay?: number
}

interface Answer {
  readonly status: number
  readonly body: object
}

const graphQLRequest = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()) })

/**
 * A stand-in for a Quilt stack: a real HTTP server with the endpoints of one that this server uses, written from their
 * description, with made-up users, credentials and hits. It proves what the server does with such answers, not that a
 * real stack gives them.
 */
export class StandInStack implements AsyncDisposable {
  /** By token. */
  readonly users = new Map<string, StandInUser>()
  /** In the order they are given. */
  readonly faults: Fault[] = []
  /** `METHOD /path` and whose token came with it. */
  readonly log: { readonly request: string; readonly token: string | undefined }[] = []
  /** The parameters of the searches. */
  readonly searches: URLSearchParams[] = []
  /** What every search answers. */
  hits: object = { hits: { total: { value: 0, relation: 'eq' }, hits: [] } }
  /** Revisions that were removed, as `bucket/name@hash`. */
  readonly removed: string[] = []
  /** Credentials given out, newest last. */
  readonly issued: { readonly token: string; readonly accessKeyId: string }[] = []
  readonly #server: Server

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#handle(request, response)
    })
  }

  static async start(): Promise<StandInStack> {
    const stack = new StandInStack()
    stack.#server.listen(0, '127.0.0.1')
    await once(stack.#server, 'listening')
    return stack
  }

  /** Of the catalog, and of the API: here they are one. */
  get url(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the stand-in does not listen')
    return `http://127.0.0.1:${String(address.port)}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** How often a path was asked. */
  asked(path: string): number {
    return this.log.filter(({ request }) => request.endsWith(` ${path}`)).length
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url)
    const chunks: Buffer[] = []
    for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    this.log.push({ request: `${request.method ?? ''} ${url.pathname}`, token })
    const found = this.faults.findIndex(({ path }) => path === url.pathname)
    const [fault] = found === -1 ? [] : this.faults.splice(found, 1)
    if (fault?.delay !== undefined) await sleep(fault.delay)
    const answer = this.#answer(url, token, Buffer.concat(chunks).toString('utf8'))
    response.writeHead(fault?.status ?? answer.status, {
      'Content-Type': 'application/json',
      ...fault?.headers
    })
    response.end(fault?.body ?? JSON.stringify(answer.body))
  }

  #answer(url: URL, token: string | undefined, body: string): Answer {
    if (url.pathname === '/config.json') return ok({ registryUrl: this.url, region: 'us-east-1' })
    const user = token === undefined ? undefined : this.users.get(token)
    if (user === undefined || token === undefined) return { status: 401, body: { message: 'Unauthorized' } }
    switch (url.pathname) {
      case '/api/auth/get_credentials':
        return this.#credentials(token, user)
      case '/graphql':
        return this.#graphql(graphQLRequest.parse(JSON.parse(body)), user)
      case '/api/search':
        return this.#search(url.searchParams, user)
      default:
        return { status: 404, body: { message: 'Not found' } }
    }
  }

  #credentials(token: string, { seconds = 3600 }: StandInUser): Answer {
    const accessKeyId = `KEY${String(this.issued.length)}`
    this.issued.push({ token, accessKeyId })
    return ok({
      AccessKeyId: accessKeyId,
      SecretAccessKey: 'secret',
      SessionToken: `session of ${token}`,
      Expiration: new Date(Date.now() + seconds * 1000).toISOString()
    })
  }

  #graphql({ query, variables }: z.output<typeof graphQLRequest>, user: StandInUser): Answer {
    if (query.includes('packageRevisionDelete')) {
      const { bucket, name, hash } = z
        .object({ bucket: z.string(), name: z.string(), hash: z.string() })
        .parse(variables)
      if (!user.buckets.includes(bucket))
        return ok({
          data: { packageRevisionDelete: { __typename: 'OperationError', message: 'Not your bucket' } }
        })
      this.removed.push(`${bucket}/${name}@${hash}`)
      return ok({ data: { packageRevisionDelete: { __typename: 'PackageRevisionDeleteSuccess' } } })
    }
    if (query.includes('bucketConfigs'))
      return ok({
        data: {
          bucketConfigs: user.buckets.map((name) => ({
            name,
            title: `Title of ${name}`,
            description: null
          }))
        }
      })
    return ok({ data: { me: { name: user.name, email: user.email, isAdmin: false } } })
  }

  #search(parameters: URLSearchParams, user: StandInUser): Answer {
    this.searches.push(parameters)
    const buckets = (parameters.get('index') ?? '').split(',').map((name) => name.replace(/_packages$/, ''))
    return buckets.every((bucket) => user.buckets.includes(bucket))
      ? ok(this.hits)
      : { status: 403, body: { message: 'Forbidden' } }
  }
}

function ok(body: object): Answer {
  return { status: 200, body }
}
