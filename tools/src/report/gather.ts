import { CodedError } from '@fast-mcp/errors'
import { readDetails, readRecord, type Phase } from '@fast-mcp/validation'
import { testEndpoint } from '@fast-mcp/validation/endpoint-tester'
import { readVersion, sameVersion, type Version } from '@fast-mcp/versioning'
import { readFile } from 'node:fs/promises'
import { readProjects } from '../app/projects.ts'
import { readCoverage } from '../app/test-results.ts'
import { liveEndpoint } from '../test-endpoint/live-endpoint.ts'
import type { PhaseState, ReportData } from './report-data.ts'

/** Long enough for an endpoint that is there, short enough for one that is not. */
const liveLimitMs = 10_000

/** Reads the records, the coverage and the live endpoint. What is missing or unreadable is part of the picture. */
export async function gather(workspace: string, signal: AbortSignal): Promise<ReportData> {
  const version = await readVersion(workspace)
  const [app, build, catalog, deploy, coverage, live] = await Promise.all([
    phaseState(workspace, 'app', version),
    phaseState(workspace, 'build', version),
    phaseState(workspace, 'catalog', version),
    phaseState(workspace, 'deploy', version),
    coverageOf(workspace),
    askLive(workspace, version, signal)
  ])
  return { generatedAt: new Date(), version, phases: { app, build, catalog, deploy }, coverage, live }
}

async function phaseState(workspace: string, phase: Phase, version: Version): Promise<PhaseState> {
  try {
    const record = await readRecord(workspace, phase)
    if (record === undefined) return { state: 'missing' }
    const details = readDetails(record)
    if (!sameVersion(record.version, version)) return { state: 'other-commit', record, details }
    return { state: record.passed ? 'passed' : 'failed', record, details }
  } catch (error) {
    return { state: 'unreadable', problem: inWords(error) }
  }
}

async function coverageOf(workspace: string): Promise<ReportData['coverage']> {
  const projects = await readProjects(workspace)
  return Promise.all(
    projects.map(async ({ name }) => ({ project: name, coverage: await readCoverage(workspace, name) }))
  )
}

async function askLive(
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
    return { url, report }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof CodedError && error.code === 'not-deployed') return undefined
    return inWords(error)
  }
}

/** A CodedError in words; rethrows anything else that is a fault of the program. */
function inWords(error: unknown): string {
  if (error instanceof CodedError)
    return error.evidence === undefined ? error.message : `${error.message}: ${error.evidence}`
  return error instanceof Error ? error.message : String(error)
}
