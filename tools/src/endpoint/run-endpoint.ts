import { CodedError } from '@fast-mcp/errors'
import { fileDigest, writeAtomically, type EndpointStep } from '@fast-mcp/validation'
import { testEndpoint } from '@fast-mcp/validation/endpoint-tester'
import { readVersion, versionTag } from '@fast-mcp/versioning'
import { execa } from 'execa'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { endpointResultPath, serverMain, type EndpointResult } from './endpoint-result.ts'
import { startServer } from './server-process.ts'

/** The bound of the specification for start and first response. */
const readyLimitMs = 10_000

export interface RunEndpointOptions {
  readonly workspace: string
  readonly signal: AbortSignal
  readonly onProgress: (step: EndpointStep) => void
}

/**
 * Starts the built server, tests its endpoint with every tool, stops it with SIGTERM, and writes what it found to
 * `dist/test/mcp-server-endpoint.json`, passed or not. Throws CodedError `output-missing` where there is no server.
 */
export async function runEndpoint({
  workspace,
  signal,
  onProgress
}: RunEndpointOptions): Promise<EndpointResult> {
  const main = join(workspace, serverMain)
  await access(main).catch((error: unknown) => {
    throw new CodedError('output-missing', `${serverMain} is not there`, {
      remedy: 'Run `npx nx run mcp-server:build` first.',
      cause: error
    })
  })
  const [version, digest] = await Promise.all([readVersion(workspace), fileDigest(main)])
  const found = {
    format: 1 as const,
    server: { location: serverMain, digest, revision: version.fullSha },
    defaults: await readDefaults(main)
  }
  const rest = await tryServer(
    main,
    { version: versionTag(version), revision: version.fullSha },
    signal,
    onProgress
  )
  const result: EndpointResult = { ...found, ...rest }
  await writeAtomically(join(workspace, endpointResultPath), `${JSON.stringify(result, undefined, 2)}\n`)
  return result
}

async function tryServer(
  main: string,
  { version, revision }: { readonly version: string; readonly revision: string },
  signal: AbortSignal,
  onProgress: (step: EndpointStep) => void
): Promise<Omit<EndpointResult, 'format' | 'server' | 'defaults'>> {
  const environment = { QUILT_MCP_VERSION: version, QUILT_MCP_REVISION: revision }
  const started = await startServer({ main, environment, timeLimitMs: readyLimitMs, signal }).catch(
    (error: unknown) => {
      if (error instanceof CodedError && error.code === 'step-failed') return error
      throw error
    }
  )
  if (started instanceof CodedError)
    return { passed: false, startupFailure: started.message, log: started.evidence ?? '' }
  await using server = started
  const report = await testEndpoint(`${server.url}/mcp`, { expectRevision: revision, signal, onProgress })
  const stopped = await server.stop()
  return {
    passed: report.passed && stopped.code === 0,
    readyMs: server.readyMs,
    report,
    stopped,
    log: server.log()
  }
}

/** The defaults of HOST and PORT in what --help prints; empty text where it names none. */
async function readDefaults(main: string): Promise<EndpointResult['defaults']> {
  const { stdout } = await execa(process.execPath, [main, '--help'], { reject: false, timeout: 10_000 })
  return { host: defaultOf('HOST', stdout), port: defaultOf('PORT', stdout) }
}

/** The default of a variable in the help text: its name on one line, `default: value` at the end of the next. */
export function defaultOf(name: string, help: string): string {
  return new RegExp(`^\\s*${name}\\s.*\\n.*default: (\\S+)$`, 'm').exec(help)?.[1] ?? ''
}
