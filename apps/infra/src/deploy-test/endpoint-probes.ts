import { readFile } from 'node:fs/promises'
import { get as getPlain, type IncomingMessage } from 'node:http'
import { Agent, get } from 'node:https'
import { join } from 'node:path'
import { connect, type PeerCertificate } from 'node:tls'
import { CodedError } from '@fast-mcp/errors'
import { type EndpointReport, type EndpointStepGroup, type Finding, type Probe } from '@fast-mcp/validation'
import { testEndpoint } from '@fast-mcp/validation/endpoint-tester'
import { configPath, readConfigFile } from '../config-file.ts'
import type { ExpectedDeployment } from '../target.ts'
import { waitFor, type Patience } from '../wait-for.ts'

const slowestMs = 2000

export interface EndpointProbes extends ExpectedDeployment {
  readonly workspace: string
  readonly signal: AbortSignal
  /** Gets `endpoint`, the tester's report, for the record. */
  readonly details: Record<string, unknown>
  /** How long an endpoint on AWS may take to come up: names and distributions spread. @default that of waitFor */
  readonly patience?: Patience
}

/**
 * The probes of phase deploy that look at the public endpoint, by check id: what a client sees, whatever runs behind
 * it. The endpoint and its authority are read from `.config`. The endpoint tester runs once, for all.
 */
export function endpointProbes(options: EndpointProbes): Readonly<Record<string, Probe>> {
  const { workspace, version, digest, details, patience } = options
  let report: Promise<EndpointReport> | undefined
  const tested = (): Promise<EndpointReport> => {
    report ??= readTarget(workspace).then(async ({ endpoint, ca }) => {
      const found = await testEndpoint(endpoint, {
        expectRevision: version.fullSha,
        signal: options.signal,
        ...(ca === undefined ? {} : { ca })
      })
      details['endpoint'] = found
      return found
    })
    return report
  }
  return {
    'deploy.config': async () => configFinding(workspace, version.fullSha, digest),
    'deploy.endpoint': async ({ signal }) => {
      const target = await readTarget(workspace)
      return untilUp(target, () => answersFinding(target, signal), signal, patience)
    },
    'deploy.certificate': async ({ signal }) => {
      const target = await readTarget(workspace)
      return untilUp(target, () => certificateFinding(target), signal, patience)
    },
    'deploy.methods': async () =>
      stepsFinding(await tested(), ['version', 'methods', 'registration', 'json-rpc']),
    'deploy.tools': async () => stepsFinding(await tested(), ['tools']),
    'deploy.latency': async () => latencyFinding(await tested())
  }
}

interface PublicEndpoint {
  readonly endpoint: string
  /** The only authority to trust, as PEM; undefined: those of the system. */
  readonly ca: string | undefined
  readonly onAws: boolean
}

async function readTarget(workspace: string): Promise<PublicEndpoint> {
  const config = await readConfigFile(join(workspace, configPath))
  const endpoint = config?.['MCP_ENDPOINT']
  if (endpoint === undefined)
    throw new CodedError('not-deployed', `${configPath} names no MCP_ENDPOINT`, {
      remedy: 'Run `make deploy`.'
    })
  const authority = config?.['CA_CERTIFICATE']
  return {
    endpoint,
    ca: authority === undefined ? undefined : await readFile(join(workspace, authority), 'utf8'),
    onAws: config?.['TARGET'] === 'aws'
  }
}

/** On AWS asks again until it passed; on this machine what does not answer now does not answer. */
async function untilUp(
  { onAws }: PublicEndpoint,
  ask: () => Promise<Finding>,
  signal: AbortSignal,
  patience: Patience | undefined
): Promise<Finding> {
  if (!onAws) return ask()
  return waitFor(
    () =>
      ask().catch((error: unknown) => {
        signal.throwIfAborted()
        return finding(false, String(error))
      }),
    signal,
    patience
  )
}

async function configFinding(workspace: string, revision: string, digest: string): Promise<Finding> {
  const config = await readConfigFile(join(workspace, configPath))
  if (config === undefined) return { status: 'failed', evidence: `${configPath} is not there` }
  const { MCP_ENDPOINT, REVISION, IMAGE_DIGEST, VERSION, TARGET } = config
  // On AWS the endpoint is plain where ALLOW_PLAIN_HTTP is true, and only there.
  const schemes = TARGET === 'aws' ? /^https?:\/\// : /^https:\/\//
  return finding(
    schemes.test(MCP_ENDPOINT ?? '') && REVISION === revision && IMAGE_DIGEST === digest,
    `MCP_ENDPOINT ${MCP_ENDPOINT}, VERSION ${VERSION}, REVISION ${REVISION}, IMAGE_DIGEST ${IMAGE_DIGEST}; expected ${revision}, ${digest}`
  )
}

async function answersFinding({ endpoint, ca }: PublicEndpoint, signal: AbortSignal): Promise<Finding> {
  const urls = [new URL('/health', endpoint).href, endpoint]
  const answers = await Promise.all(
    urls.map(async (url) => ({ url, status: await statusOf(url, ca, signal) }))
  )
  return finding(
    answers.every(({ status }) => status === 200),
    answers.map(({ url, status }) => `GET ${url}: ${status}`).join('; ')
  )
}

async function certificateFinding({ endpoint, ca }: PublicEndpoint): Promise<Finding> {
  const { hostname, port, protocol } = new URL(endpoint)
  if (protocol === 'http:')
    return {
      status: 'not-applicable',
      reason: `${endpoint} is plain HTTP, as ALLOW_PLAIN_HTTP says: there is no certificate`
    }
  const certificate = await new Promise<PeerCertificate>((resolve, reject) => {
    const socket = connect(
      {
        host: hostname,
        port: Number(port || 443),
        servername: hostname,
        ...(ca === undefined ? {} : { ca })
      },
      () => {
        resolve(socket.getPeerCertificate())
        socket.end()
      }
    )
    socket.on('error', reject)
    socket.setTimeout(10_000, () => socket.destroy(new Error('no TLS handshake within 10 s')))
  })
  return finding(
    true,
    `${hostname}: ${certificate.subjectaltname ?? 'no names'}, until ${certificate.valid_to}, issued by ${String(certificate.issuer.CN)}; verified against ${ca === undefined ? 'the system’s authorities' : 'the authority of the workspace'}`
  )
}

function stepsFinding(report: EndpointReport, groups: readonly EndpointStepGroup[]): Finding {
  const steps = report.steps.filter(({ group }) => groups.includes(group))
  const failed = steps.filter(({ passed }) => !passed)
  return finding(
    steps.length > 0 && failed.length === 0,
    failed.length === 0
      ? `${steps.length} steps passed (${groups.join(', ')})`
      : failed.map(({ title, evidence }) => `${title}: ${evidence}`).join('\n')
  )
}

function latencyFinding({ latency }: EndpointReport): Finding {
  const { count, medianMs, p95Ms, maxMs } = latency
  return finding(
    count > 0 && maxMs < slowestMs,
    `${count} requests: median ${medianMs.toFixed(1)} ms, p95 ${p95Ms.toFixed(1)} ms, slowest ${maxMs.toFixed(1)} ms`
  )
}

function statusOf(url: string, ca: string | undefined, signal: AbortSignal): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const answered = (response: IncomingMessage): void => {
      response.resume()
      resolve(response.statusCode)
    }
    const request = url.startsWith('http:')
      ? getPlain(url, { agent: false, signal }, answered)
      : get(
          url,
          { agent: new Agent({ keepAlive: false }), signal, ...(ca === undefined ? {} : { ca }) },
          answered
        )
    request.on('error', reject)
  })
}

function finding(passed: boolean, evidence: string): Finding {
  return { status: passed ? 'passed' : 'failed', evidence }
}
