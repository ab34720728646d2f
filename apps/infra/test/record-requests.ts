import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'

/** A call as AWS saw it. */
export interface SeenCall {
  /** As IAM names it. */
  readonly action: string
  /** By whom: the credentials of the caller, or those of a role that the caller took. */
  readonly by: 'caller' | 'role'
  /** Of `sts:AssumeRole`: the ARN of the role. */
  readonly role: string | undefined
}

export interface RequestRecorder extends AsyncDisposable {
  /** Stands for AWS: every request is passed on. */
  readonly url: string
  readonly calls: SeenCall[]
}

// Services that sign with another name than IAM has for them.
const renamed: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' }

// Requests of Amazon S3 are known by method and query. Source: service authorization reference, Amazon S3.
const s3Actions: readonly (readonly [RegExp, string])[] = [
  [/^GET \S+[?&]list-type=2/, 's3:ListBucket'],
  [/^GET \S+[?&]location/, 's3:GetBucketLocation'],
  [/^GET \S+[?&]encryption/, 's3:GetEncryptionConfiguration'],
  [/^PUT /, 's3:PutObject'],
  [/^(?:GET|HEAD) /, 's3:GetObject']
]

/**
 * A door before an emulated AWS that writes down what every process asks of it: service and credentials are in the
 * signature, the action in a header or in the body. Source: AWS general reference, "Signature Version 4".
 */
export async function recordRequests(upstream: string, accessKey: string): Promise<RequestRecorder> {
  const calls: SeenCall[] = []
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const call = seenCall(request, body.toString('utf8'), accessKey)
      if (call !== undefined) calls.push(call)
      const { method, headers } = request
      httpRequest(`${upstream}${request.url ?? ''}`, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      }).end(body)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('the system gave no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    calls,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }
}

function seenCall(request: IncomingMessage, body: string, accessKey: string): SeenCall | undefined {
  const { authorization = '', 'x-amz-target': target } = request.headers
  const [, key, service = ''] = /Credential=([^/]+)\/\d+\/[^/]+\/([^/]+)\//.exec(authorization) ?? []
  if (key === undefined) return undefined
  const line = `${request.method ?? ''} ${request.url ?? ''}`
  const named =
    String(target ?? '')
      .split('.')
      .at(-1) || /(?:^|&)Action=(\w+)/.exec(body)?.[1]
  const role = /(?:^|&)RoleArn=([^&]+)/.exec(body)?.[1]
  return {
    action:
      service === 's3'
        ? (s3Actions.find(([pattern]) => pattern.test(line))?.[1] ?? `s3:${line}`)
        : `${renamed[service] ?? service}:${named ?? line}`,
    by: key === accessKey ? 'caller' : 'role',
    role: role === undefined || named !== 'AssumeRole' ? undefined : decodeURIComponent(role)
  }
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  return Buffer.concat(chunks)
}
