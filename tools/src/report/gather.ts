import { readDetails, readRecord, type Phase } from '@fast-mcp/validation'
import { readVersion, sameVersion, type Version } from '@fast-mcp/versioning'
import { readProjects } from '../app/projects.ts'
import { readCoverage } from '../app/test-results.ts'
import type { LiveState, PhaseState, ReportData } from './report-data.ts'
import { inWords } from './in-words.ts'
import { askStatus, type RunningStatus } from './running-status.ts'

/**
 * Reads the records, the coverage, what runs and the live endpoint. What is missing or unreadable is part of the
 * picture. With a `status` that was just taken neither status nor endpoint are asked again.
 */
export async function gather(
  workspace: string,
  signal: AbortSignal,
  status?: RunningStatus
): Promise<ReportData> {
  const version = await readVersion(workspace)
  const [app, build, catalog, deploy, coverage, live, running] = await Promise.all([
    phaseState(workspace, 'app', version),
    phaseState(workspace, 'build', version),
    phaseState(workspace, 'catalog', version),
    phaseState(workspace, 'deploy', version),
    coverageOf(workspace),
    // The tester brings an MCP client with it, which a page made from a given status need not load.
    status === undefined
      ? import('./ask-live.ts').then(({ askLive }) => askLive(workspace, version, signal))
      : liveFrom(status),
    status ?? askStatus(workspace, signal)
  ])
  return {
    generatedAt: new Date(),
    version,
    phases: { app, build, catalog, deploy },
    coverage,
    live,
    status: running
  }
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

/** What the status says about the endpoint. */
function liveFrom({ current, deployment }: RunningStatus): LiveState | undefined {
  if (deployment.state === 'not-deployed') return undefined
  const { tasks, history, endpoint } = deployment
  const healthy = tasks.filter(({ health }) => health === 'healthy').length
  return {
    url: endpoint,
    steps: [
      {
        title: 'The endpoint serves this commit',
        passed: current,
        evidence: `it serves ${history[0]?.version.sha ?? 'nothing'}`
      },
      { title: 'A task is healthy', passed: healthy > 0, evidence: deployment.problems.join('; ') }
    ]
  }
}
