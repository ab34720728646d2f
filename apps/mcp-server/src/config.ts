import { parseEnvironment, variable, type EnvironmentSource } from '@fast-mcp/environment'
import { z } from 'zod'
import { stackConfig, stackVariables, type StackConfig } from './backends/stack/stack-variables.ts'
import { registrySetting, registrySettingSyntax, type RegistrySetting } from './registry-setting.ts'

/** The levels of pino, and `silent`. */
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

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
    description: 'Values of the Origin header, which browsers send, that are answered; others get 403.',
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
    description: 'How long a client may take to send one request.',
    accepts: 'a number of seconds from 1 to 3600'
  }),
  SHUTDOWN_SECONDS: variable(integer(0, 3600).default(10), {
    description: 'How long requests in flight may take to finish after SIGTERM.',
    accepts: 'a number of seconds from 0 to 3600'
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
  readonly shutdownSeconds: number
  /** Short commit. */
  readonly version: string
  /** Full SHA of the commit. */
  readonly revision: string
}

/** The configuration in an environment. Throws CodedError `invalid-environment` that lists every wrong variable. */
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
    shutdownSeconds: environment.SHUTDOWN_SECONDS,
    version: environment.QUILT_MCP_VERSION,
    revision: environment.QUILT_MCP_REVISION
  }
}
