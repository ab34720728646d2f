import { CodedError } from '@fast-mcp/errors'
import { colorsFor, type EndpointReport, type Terminal } from '@fast-mcp/validation'
import { testEndpoint } from '@fast-mcp/validation/endpoint-tester'
import { readFile } from 'node:fs/promises'
import { formatStep, formatSummary } from '../endpoint/format-steps.ts'
import { localUrl, parseArguments, usage, type TestEndpointArguments } from './arguments.ts'
import { liveEndpoint } from './live-endpoint.ts'

export interface Run {
  readonly args: readonly string[]
  readonly workspace: string
  readonly signal: AbortSignal
  readonly terminal: Terminal
}

/** The program behind tools/test-endpoint.sh; returns its exit code. Throws CodedError for a wrong start. */
export async function run({ args, workspace, signal, terminal }: Run): Promise<number> {
  const wanted = parseArguments(args)
  if (wanted === undefined) {
    terminal.write(usage)
    return 0
  }
  const { url, ca } = await endpointOf(wanted, workspace)
  const colors = colorsFor(terminal)
  const quiet = wanted.json || wanted.list
  if (!quiet) terminal.write(`${colors.bold(url)}\n`)
  const report = await testEndpoint(url, {
    signal,
    ...(ca === undefined ? {} : { ca: await readAuthority(ca) }),
    ...(wanted.list ? { tools: [] } : wanted.tools === undefined ? {} : { tools: wanted.tools }),
    onProgress: (step) => {
      if (!quiet) terminal.write(formatStep(step, colors, wanted.verbose))
    }
  })
  if (wanted.json) terminal.write(`${JSON.stringify(report, undefined, 2)}\n`)
  else if (wanted.list) list(report, terminal)
  else terminal.write(formatSummary(report, colors))
  if (!quiet && report.server === undefined && url === localUrl)
    terminal.write('  to start a server there: npx nx run mcp-server:serve\n')
  return report.passed ? 0 : 1
}

async function endpointOf(
  { url, ca }: TestEndpointArguments,
  workspace: string
): Promise<{ readonly url: string; readonly ca: string | undefined }> {
  if (url !== undefined) return { url, ca }
  const live = await liveEndpoint(workspace)
  return { url: live.url, ca: ca ?? live.ca }
}

async function readAuthority(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CodedError('invalid-arguments', `the certificate authority ${path} cannot be read`, {
      remedy: 'Name a PEM file with --ca.',
      cause: error
    })
  })
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw new CodedError('invalid-arguments', `${path} holds no certificate in PEM form`, {
      remedy: 'Name a PEM file with --ca.'
    })
  return text
}

/** The names, or why there are none. */
function list(report: EndpointReport, terminal: Terminal): void {
  for (const name of report.toolNames) terminal.write(`${name}\n`)
  const failed = report.steps.find((step) => !step.passed)
  if (report.toolNames.length === 0 && failed !== undefined)
    throw new CodedError('step-failed', `${report.url} lists no tools: ${failed.title} failed`, {
      remedy: 'Run it without --list-tools and with -v to see more.',
      evidence: failed.evidence
    })
}
