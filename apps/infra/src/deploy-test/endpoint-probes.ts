import { readFile } from 'node:fs/promises'
import { Agent, get } from 'node:https'
import { join } from 'node:path'
import { connect, type PeerCertificate } from 'node:tls'
import { CodedError } from '@fast-mcp/errors'
import { type EndpointReport, type EndpointStepGroup, type Finding, type Probe } from '@fast-mcp/validation'
import { testEndpoint } from '@fast-mcp/validation/endpoint-tester'
import { configPath, readConfigFile } from '../config-file.ts'
import type { ExpectedDeployment } from '../target.ts'

const slowestMs = 2000

export interface EndpointProbes extends ExpectedDeployment {
  readonly workspace: string
  readonly signal: AbortSignal
  /** Gets `endpoint`, the tester's report, for the record. */
  readonly details: Record<string, unknown>
}

/**
 * The probes of phase deploy that look at the public endpoint, by check id: what a client sees, whatever runs behind
 * it. The endpoint and its authority are read from `.config`. The endpoint tester runs once, for all.
 */
export function endpointProbes(options: EndpointProbes): Readonly<Record<string, Probe>> {
  const { workspace, version, digest, details } = options
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
    'deploy.endpoint': async ({ signal }) => answersFinding(await readTarget(workspace), signal),
    'deploy.certificate': async () => certificateFinding(await readTarget(workspace)),
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
    ca: authority === undefined ? undefined : await readFile(join(workspace, authority), 'utf8')
  }
}

async function configFinding(workspace: string, revision: string, digest: string): Promise<Finding> {
  const config = await readConfigFile(join(workspace, configPath))
  if (config === undefined) return { status: 'failed', evidence: `${configPath} is not there` }
  const { MCP_ENDPOINT, REVISION, IMAGE_DIGEST, VERSION } = config
  return finding(
    MCP_ENDPOINT?.startsWith('https://') === true && REVISION === revision && IMAGE_DIGEST === digest,
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
  const { hostname, port } = new URL(endpoint)
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
  const agent = new Agent({ keepAlive: false })
  return new Promise((resolve, reject) => {
    get(url, { agent, signal, ...(ca === undefined ? {} : { ca }) }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).on('error', reject)
  })
}

function finding(passed: boolean, evidence: string): Finding {
  return { status: passed ? 'passed' : 'failed', evidence }
}
