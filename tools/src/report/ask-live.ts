import { CodedError } from '@fast-mcp/errors'
import { testEndpoint } from '@fast-mcp/validation/endpoint-tester'
import type { Version } from '@fast-mcp/versioning'
import { readFile } from 'node:fs/promises'
import { liveEndpoint } from '../test-endpoint/live-endpoint.ts'
import { inWords } from './in-words.ts'
import type { ReportData } from './report-data.ts'

/** Long enough for an endpoint that is there, short enough for one that is not. */
const liveLimitMs = 10_000

/** Asks the endpoint in `.config`; undefined where nothing is deployed, in words where it cannot be asked. */
export async function askLive(
  workspace: string,
  version: Version,
  signal: AbortSignal
): Promise<ReportData['live']> {
  try {
    const { url, ca } = await liveEndpoint(workspace)
    const report = await testEndpoint(url, {
      ...(ca === undefined ? {} : { ca: await readFile(ca, 'utf8') }),
      tools: [],
      expectRevision: version.fullSha,
      signal: AbortSignal.any([signal, AbortSignal.timeout(liveLimitMs)])
    })
    return { url, steps: report.steps }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof CodedError && error.code === 'not-deployed') return undefined
    return inWords(error)
  }
}
