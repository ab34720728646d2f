import { parseEnvironment, variable, type EnvironmentSource } from '@fast-mcp/environment'
import { z } from 'zod'
import { authConfig, authVariables, type AuthConfig } from './authentication/auth-config.ts'
import { stackConfig, stackVariables, type StackConfig } from './backends/stack/stack-variables.ts'
import { registrySetting, registrySettingSyntax, type RegistrySetting } from './registry-setting.ts'
import type { ToolFilter } from './tools/filter.ts'
import { filterConfig, filterVariables } from './tools/filter-variables.ts'

/** The levels of pino, and `silent`. */
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const sessionModes = ['off', 'auto', 'on'] as const

const hostName = '(?:\\[[0-9a-f:]+\\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)'
const hostPattern = new RegExp(`^(?:\\*|${hostName}(?::\\d{1,5})?)$`)
const originPattern = new RegExp(`^(?:null|[a-z][a-z0-9+.-]*://${hostName}(?::\\d{1,5})?)$`)

/** A list separated by commas or blanks, every item checked. */
function list<T>(item: z.ZodType<T, string>): z.ZodType<readonly T[] | undefined> {
  return z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter((part) => part !== ''))
    .pipe(z.array(item).min(1))
    .optional()
}

const registry = z.string().transform((text, context): RegistrySetting => {
  const setting = registrySetting(text)
  if (setting !== undefined) return setting
  context.addIssue({ code: 'custom', message: 'not a registry' })
  return z.NEVER
})

function integer(minimum: number, maximum: number): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,12}$/)
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum))
}

/** Every environment variable that the server reads. */
export const serverEnvironment = z.object({
  HOST: variable(z.string().min(1).default('127.0.0.1'), {
    description: 'Address to listen on. 0.0.0.0 listens on all, as in a container.',
    accepts: 'an IP address or a host name'
  }),
  PORT: variable(integer(0, 65535).default(8000), {
    description: 'Port to listen on.',
    accepts: 'a port from 1 to 65535, or 0 for any that is free'
  }),
  LOG_LEVEL: variable(z.enum(logLevels).default('info'), {
    description: 'What is logged, as JSON lines on stdout (on stderr with --stdio).',
    accepts: logLevels.join(', ')
  }),
  QUILT_REGISTRIES: variable(list(registry), {
    description: 'The Quilt registries to serve; the first is the default one.',
    accepts: `one or more of ${registrySettingSyntax}; separated by commas or blanks`,
    unset: 'the buckets of the Quilt stack, and with none the sample registry'
  }),
  ...stackVariables,
  SAMPLE: variable(z.string().min(1).optional(), {
    description: 'Folder of the sample registry.',
    accepts: 'a path',
    unset: 'the folder sample beside the program'
  }),
  ALLOWED_HOSTS: variable(list(z.string().toLowerCase().regex(hostPattern)), {
    description: 'Values of the Host header that are answered; others get 403.',
    accepts: 'host names or addresses, each for any port or with one, or * for all',
    unset: 'localhost, 127.0.0.1 and [::1]'
  }),
  ALLOWED_ORIGINS: variable(list(z.string().toLowerCase().regex(originPattern)), {
    description:
      'Values of the Origin header, which browsers send, that are answered; others get 403. Pages of those named here may call the server (CORS); by default none may.',
    accepts: 'origins such as https://example.org or http://localhost:6274',
    unset: 'http and https on localhost, 127.0.0.1 and [::1]'
  }),
  MAX_BODY_BYTES: variable(integer(1024, 1024 ** 3).default(5 * 1024 ** 2), {
    description: 'Largest body of a request, in bytes; a larger one gets 413.',
    accepts: 'a number from 1024 to 1073741824'
  }),
  MAX_JSON_DEPTH: variable(integer(8, 1000).default(64), {
    description: 'How deep objects and arrays of a request may be nested.',
    accepts: 'a number from 8 to 1000'
  }),
  MAX_READ_BYTES: variable(integer(1024, 64 * 1024 ** 2).default(1024 ** 2), {
    description: 'Most bytes that one call of object_read returns.',
    accepts: 'a number from 1024 to 67108864'
  }),
  REQUEST_TIMEOUT_SECONDS: variable(integer(1, 3600).default(30), {
    description: 'How long a client may take to send one request; then it gets 408.',
    accepts: 'a number of seconds from 1 to 3600'
  }),
  CALL_TIMEOUT_SECONDS: variable(integer(1, 3600).default(120), {
    description: 'How long the answer to a request may take to begin; then the client gets 504.',
    accepts: 'a number of seconds from 1 to 3600'
  }),
  SEND_TIMEOUT_SECONDS: variable(integer(1, 3600).default(30), {
    description: 'How long a client may leave an answer unread; then it is dropped.',
    accepts: 'a number of seconds from 1 to 3600'
  }),
  MAX_HEADER_BYTES: variable(integer(1024, 1024 ** 2).default(16_384), {
    description: 'Largest head of a request, in bytes; a larger one gets 431.',
    accepts: 'a number from 1024 to 1048576'
  }),
  MAX_HEADERS: variable(integer(10, 1000).default(100), {
    description: 'Most headers of a request; more get 431.',
    accepts: 'a number from 10 to 1000'
  }),
  MAX_CONNECTIONS: variable(integer(1, 1_000_000).default(10_000), {
    description: 'Most connections at once; more are closed.',
    accepts: 'a number from 1 to 1000000'
  }),
  MAX_CONCURRENT_REQUESTS: variable(integer(1, 1_000_000).default(1000), {
    description:
      'Most requests at once; more get 503 with Retry-After. Streams that may last are three quarters of them at most, those of one principal or address a quarter.',
    accepts: 'a number from 1 to 1000000'
  }),
  RATE_PER_ADDRESS: variable(integer(0, 1_000_000).default(1000), {
    description:
      'Requests a second that one address may send over time, and twice as many at once; more get 429 with Retry-After. Loopback is not counted.',
    accepts: 'a number from 1 to 1000000, or 0 for no limit'
  }),
  RATE_PER_PRINCIPAL: variable(integer(0, 1_000_000).default(500), {
    description: 'The same for one principal, where callers say who they are.',
    accepts: 'a number from 1 to 1000000, or 0 for no limit'
  }),
  PROXY_HOPS: variable(integer(0, 10).default(0), {
    description:
      'How many proxies of ours stand before the server: the address that is counted is then the one that the first of them wrote into X-Forwarded-For.',
    accepts: 'a number from 0 to 10'
  }),
  STREAM_SECONDS: variable(integer(1, 86_400).default(3600), {
    description: 'Longest life of a stream of events; then it is ended, and its call cancelled.',
    accepts: 'a number of seconds from 1 to 86400'
  }),
  SESSIONS: variable(z.enum(sessionModes).default('off'), {
    description:
      'Whether clients get a session, for sampling, elicitation and streams that can be resumed: none, those that declare that they can be asked, or all. A session lives in one process, so replicas need sticky routing.',
    accepts: sessionModes.join(', ')
  }),
  MAX_SESSIONS: variable(integer(1, 100_000).default(1000), {
    description:
      'Most sessions at once; beyond them the one that is idle longest ends. One principal or address has a quarter of them at most.',
    accepts: 'a number from 1 to 100000'
  }),
  SESSION_IDLE_SECONDS: variable(integer(1, 86_400).default(1800), {
    description: 'How long nothing may happen in a session before it ends.',
    accepts: 'a number of seconds from 1 to 86400'
  }),
  SHUTDOWN_SECONDS: variable(integer(0, 3600).default(10), {
    description: 'How long requests in flight may take to finish after SIGTERM.',
    accepts: 'a number of seconds from 0 to 3600'
  }),
  ...filterVariables,
  ...authVariables,
  METRICS_PORT: variable(integer(0, 65535).optional(), {
    description: 'Port of loopback on which /metrics gives figures as Prometheus reads them.',
    accepts: 'a port from 1 to 65535, or 0 for any that is free',
    unset: 'no such port'
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: variable(z.url({ protocol: /^https?$/ }).optional(), {
    description: 'Where traces and metrics of OpenTelemetry are sent, over HTTP.',
    accepts: 'an http or https address, such as http://127.0.0.1:4318',
    unset: 'nothing is sent'
  }),
  QUILT_MCP_VERSION: variable(z.string().min(1).default('development'), {
    description: 'Version the server says it is: the short commit.',
    accepts: 'any text'
  }),
  QUILT_MCP_REVISION: variable(z.string().min(1).default('development'), {
    description: 'Full SHA of the commit the server was built from.',
    accepts: 'any text'
  })
})

/** What the server is told from outside, typed and checked. */
export interface Config {
  readonly host: string
  readonly port: number
  readonly logLevel: (typeof logLevels)[number]
  /** Undefined: the buckets of the stack, and with none the sample registry. */
  readonly registries: readonly RegistrySetting[] | undefined
  /** Undefined: there is no Quilt stack. */
  readonly stack: StackConfig | undefined
  /** Folder of the sample registry; undefined: beside the program. */
  readonly sample: string | undefined
  /** Lower case; undefined: loopback names. */
  readonly allowedHosts: readonly string[] | undefined
  /** Lower case; undefined: loopback origins. */
  readonly allowedOrigins: readonly string[] | undefined
  readonly maxBodyBytes: number
  readonly maxJsonDepth: number
  readonly maxReadBytes: number
  readonly requestTimeoutSeconds: number
  readonly callTimeoutSeconds: number
  readonly sendTimeoutSeconds: number
  readonly streamSeconds: number
  readonly sessionMode: (typeof sessionModes)[number]
  readonly maxSessions: number
  readonly sessionIdleSeconds: number
  readonly shutdownSeconds: number
  readonly maxHeaderBytes: number
  readonly maxHeaders: number
  readonly maxConnections: number
  readonly maxConcurrentRequests: number
  /** Requests per second; 0: no limit. */
  readonly ratePerAddress: number
  /** Requests per second; 0: no limit. */
  readonly ratePerPrincipal: number
  /** Proxies whose X-Forwarded-For is believed. */
  readonly proxyHops: number
  /** Which tools are served. */
  readonly toolFilter: ToolFilter
  readonly auth: AuthConfig
  /** Undefined: metrics are not served. */
  readonly metricsPort: number | undefined
  /** Undefined: no telemetry is sent. */
  readonly telemetryEndpoint: string | undefined
  /** Short commit. */
  readonly version: string
  /** Full SHA of the commit. */
  readonly revision: string
}

/** The configuration in an environment. Throws CodedError `invalid-environment` that lists every wrong variable, or names one that is missing. */
export function readConfig(source: EnvironmentSource): Config {
  const environment = parseEnvironment(serverEnvironment, source)
  return {
    host: environment.HOST,
    port: environment.PORT,
    logLevel: environment.LOG_LEVEL,
    registries: environment.QUILT_REGISTRIES,
    stack: stackConfig(environment),
    sample: environment.SAMPLE,
    allowedHosts: environment.ALLOWED_HOSTS,
    allowedOrigins: environment.ALLOWED_ORIGINS,
    maxBodyBytes: environment.MAX_BODY_BYTES,
    maxJsonDepth: environment.MAX_JSON_DEPTH,
    maxReadBytes: environment.MAX_READ_BYTES,
    requestTimeoutSeconds: environment.REQUEST_TIMEOUT_SECONDS,
    callTimeoutSeconds: environment.CALL_TIMEOUT_SECONDS,
    sendTimeoutSeconds: environment.SEND_TIMEOUT_SECONDS,
    streamSeconds: environment.STREAM_SECONDS,
    sessionMode: environment.SESSIONS,
    maxSessions: environment.MAX_SESSIONS,
    sessionIdleSeconds: environment.SESSION_IDLE_SECONDS,
    shutdownSeconds: environment.SHUTDOWN_SECONDS,
    maxHeaderBytes: environment.MAX_HEADER_BYTES,
    maxHeaders: environment.MAX_HEADERS,
    maxConnections: environment.MAX_CONNECTIONS,
    maxConcurrentRequests: environment.MAX_CONCURRENT_REQUESTS,
    ratePerAddress: environment.RATE_PER_ADDRESS,
    ratePerPrincipal: environment.RATE_PER_PRINCIPAL,
    proxyHops: environment.PROXY_HOPS,
    toolFilter: filterConfig(environment),
    auth: authConfig(environment),
    metricsPort: environment.METRICS_PORT,
    telemetryEndpoint: environment.OTEL_EXPORTER_OTLP_ENDPOINT,
    version: environment.QUILT_MCP_VERSION,
    revision: environment.QUILT_MCP_REVISION
  }
}
