import { createHash, webcrypto } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer as createHttpServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect, type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'
import 'reflect-metadata'
import { ECRClient, GetAuthorizationTokenCommand, PutImageCommand } from '@aws-sdk/client-ecr'
import { cryptoProvider, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509'
import { localRegistry } from '@fast-mcp/containers'

/** The registry of an emulated ECR, as every program of this machine sees it that is given the variables. */
export interface EmulatedRegistry extends AsyncDisposable {
  /** Variables by which a program reaches it under its real name, over HTTPS, and nothing else beyond this machine. */
  readonly variables: Readonly<Record<string, string>>
  /** Method and path of every request. */
  readonly requests: string[]
}

/**
 * Stands for `<account>.dkr.ecr.<region>.amazonaws.com`, since the emulator has none: a proxy that leads this one name
 * to a TLS server with a certificate of its own, which admits who has the token that ECR gives, keeps the bytes in a
 * registry of loopback, and puts each manifest into the emulated ECR.
 */
export async function startEmulatedRegistry(folder: string, host: string): Promise<EmulatedRegistry> {
  const ecr = new ECRClient({})
  const local = localRegistry(folder)
  const { host: loopback } = await local.start()
  const { authorizationData = [] } = await ecr.send(new GetAuthorizationTokenCommand({}))
  const expected = `Basic ${authorizationData[0]?.authorizationToken ?? ''}`
  const requests: string[] = []

  const pair = await selfSigned(host)
  const front = createHttpsServer(pair, (request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`)
    if (request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="ecr"' }).end()
      return
    }
    void read(request).then(async (body) => {
      const refusal = await putImage(ecr, request, body)
      if (refusal !== undefined) {
        response.writeHead(400).end(JSON.stringify({ errors: [{ code: 'DENIED', message: refusal }] }))
        return
      }
      const { method, url: path, headers } = request
      const forwarded = { ...headers, 'x-forwarded-proto': 'https' }
      httpRequest(`http://${loopback}${path ?? ''}`, { method, headers: forwarded }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      }).end(body)
    })
  })
  const proxy = createHttpServer().on('connect', (request, socket) => {
    if (request.url !== `${host}:443`) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
      return
    }
    const to = connect(portOf(front), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      to.pipe(socket).pipe(to)
    })
    to.on('error', () => socket.destroy())
    socket.on('error', () => to.destroy())
  })
  for (const server of [front, proxy]) await once(server.listen(0, '127.0.0.1'), 'listening')
  const authority = join(folder, 'registry-ca.pem')
  await writeFile(authority, pair.cert)
  return {
    requests,
    variables: {
      HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}`,
      NO_PROXY: '127.0.0.1,localhost',
      NODE_USE_ENV_PROXY: '1',
      NODE_EXTRA_CA_CERTS: authority,
      SSL_CERT_FILE: authority
    },
    async [Symbol.asyncDispose]() {
      for (const server of [front, proxy]) {
        server.closeAllConnections()
        server.close()
      }
      await local.stop()
    }
  }
}

/** What a push of a manifest does in ECR. Gives why ECR refuses it, undefined where it does not. */
async function putImage(
  ecr: ECRClient,
  { method, url }: IncomingMessage,
  body: Buffer
): Promise<string | undefined> {
  const [, repositoryName, reference = ''] = /^\/v2\/(.+)\/manifests\/(.+)$/.exec(url ?? '') ?? []
  if (method !== 'PUT' || repositoryName === undefined) return undefined
  try {
    await ecr.send(
      new PutImageCommand({
        repositoryName,
        imageManifest: body.toString('utf8'),
        imageDigest: `sha256:${createHash('sha256').update(body).digest('hex')}`,
        ...(reference.startsWith('sha256:') ? {} : { imageTag: reference })
      })
    )
    return undefined
  } catch (error) {
    return String(error)
  }
}

async function selfSigned(host: string): Promise<{ readonly cert: string; readonly key: string }> {
  cryptoProvider.set(webcrypto)
  const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [host] }],
    notAfter: new Date(Date.now() + 86_400_000),
    signingAlgorithm,
    keys,
    extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: host }])]
  })
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  const key = `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`
  return { cert: `${certificate.toString('pem')}\n`, key }
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('the system gave no port')
  return address.port
}
