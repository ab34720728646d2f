import {
  contracts,
  type CheckRow,
  type EndpointReport,
  type Phase,
  type PhaseRecord,
  type RecordDetails
} from '@fast-mcp/validation'
import type { Version } from '@fast-mcp/versioning'
import type { PhaseState, ReportData } from '../src/report/report-data.ts'
import type { RunningStatus } from '../src/report/running-status.ts'

export const version: Version = {
  sha: '1a2b3c4',
  fullSha: '1a2b3c4'.padEnd(40, '5'),
  dirty: false,
  committedAt: '2026-01-02T03:04:05Z'
}

const endpointUrl = 'https://localhost:8443/mcp'

/** A report of the endpoint tester in which everything went well. */
export const endpointReport: EndpointReport = {
  url: endpointUrl,
  startedAt: '2026-01-02T03:14:05Z',
  durationMs: 400,
  passed: true,
  server: { name: 'quilt-mcp', version: '1a2b3c4', protocolVersion: '2025-11-25' },
  toolNames: ['packages_list', 'package_browse', 'object_read', 'server_status'],
  tools: [
    { tool: 'packages_list', examples: 2, outputSchema: true, passed: true, ms: [9.9, 13, 7.8, 3.8] },
    { tool: 'package_browse', examples: 2, outputSchema: true, passed: true, ms: [30, 21, 12, 17] },
    { tool: 'object_read', examples: 2, outputSchema: true, passed: true, ms: [12, 10, 14, 412] },
    { tool: 'server_status', examples: 1, outputSchema: true, passed: true, ms: [0.4, 5.3] }
  ],
  latency: { count: 14, medianMs: 11, p95Ms: 30, maxMs: 412 },
  steps: [
    { id: 'version', group: 'version', title: 'Serves the commit', passed: true, evidence: 'it does', ms: 4 }
  ]
}

const details: Readonly<Record<Phase, RecordDetails>> = {
  app: { readyMs: 318, endpoint: endpointReport },
  build: {
    readyMs: 642,
    compressedBytes: 51_200_000,
    layers: [
      {
        digest: `sha256:${'a'.repeat(64)}`,
        bytes: 125_400_000,
        what: 'base: Node and the libraries it needs'
      },
      { digest: `sha256:${'b'.repeat(64)}`, bytes: 6_100_000, what: 'server and sample registry' }
    ],
    endpoint: endpointReport
  },
  catalog: {},
  deploy: {
    endpoint: endpointReport,
    running: [
      { name: 'load balancer', what: 'HAProxy', where: endpointUrl, state: 'running' },
      { name: 'task 1', what: 'task', where: '127.0.0.1:41001', state: 'healthy' },
      { name: 'task 2', what: 'task', where: '127.0.0.1:41002', state: 'healthy' }
    ]
  }
}

/** A row a check of the phase: passed, or not applicable where the check is for AWS alone. */
function rows(phase: Phase): readonly CheckRow[] {
  return contracts[phase].map((check, index) => ({
    id: check.id,
    title: check.title,
    status: check.targets === undefined ? 'passed' : 'not-applicable',
    evidence: check.targets === undefined ? `what was seen of ${check.id}` : 'not applicable on target local',
    durationMs: check.targets === undefined ? 7 * index * index : 0
  }))
}

/** The record of a phase that passed, with changes. */
export function phaseRecord(phase: Phase, changes: Partial<PhaseRecord> = {}): PhaseRecord {
  const output = {
    name: 'output',
    kind: 'image' as const,
    location: 'quilt-mcp:1a2b3c4',
    digest: `sha256:${'c'.repeat(64)}`
  }
  return {
    format: 1,
    phase,
    target: 'local',
    version,
    startedAt: '2026-01-02T03:10:05Z',
    finishedAt: '2026-01-02T03:14:05Z',
    durationMs: 41_500,
    passed: true,
    inputs: [],
    outputs: [output],
    checks: rows(phase),
    details: { ...details[phase] },
    ...changes
  }
}

/** A phase that passed, with changes to its record. */
export function passedPhase(phase: Phase, changes: Partial<PhaseRecord> = {}): PhaseState {
  return { state: 'passed', record: phaseRecord(phase, changes), details: details[phase] }
}

/** A phase in which one check failed and those after it were not run. */
export function failedPhase(phase: Phase, id: string, evidence: string): PhaseState {
  const at = contracts[phase].findIndex((check) => check.id === id)
  const checks = rows(phase).map((row, index): CheckRow => {
    if (index === at) return { ...row, status: 'failed', evidence, remedy: `Mend ${id}.` }
    return index > at && row.status === 'passed'
      ? { ...row, status: 'not-run', evidence: `comes after ${id}, which did not pass`, durationMs: 0 }
      : row
  })
  return { state: 'failed', record: phaseRecord(phase, { passed: false, outputs: [], checks }), details: {} }
}

/** A deployment that is well. */
export const runningStatus: RunningStatus = {
  current: true,
  deployment: {
    state: 'healthy',
    problems: [],
    endpoint: endpointUrl,
    desiredCount: 2,
    tasks: ['41001', '41002'].map((port) => ({
      name: `mcp-1a2b3c4-${port}`,
      health: 'healthy' as const,
      address: `127.0.0.1:${port}`,
      check: 'L7OK 200',
      startedAt: '2026-01-02T03:13:05Z',
      requests: 120,
      active: 1,
      serverErrors: 0
    })),
    parts: [{ name: 'load balancer', what: 'HAProxy, port 8443', state: 'running, process 4711' }],
    traffic: {
      requestsPerSecond: 12,
      requests: 240,
      serverErrors: 0,
      latency: { count: 240, p50Ms: 3, p95Ms: 21 }
    },
    history: [
      { version: { sha: '1a2b3c4', dirty: false }, deployedAt: '2026-01-02T03:13:05Z', proof: 'passed' },
      { version: { sha: '9f8e7d6', dirty: false }, deployedAt: '2026-01-01T03:13:05Z', proof: 'failed' }
    ]
  }
}

/** A commit that is live, with changes. */
export function reportData(changes: Partial<ReportData> = {}): ReportData {
  const coverage = { lines: 95.8, statements: 95.8, functions: 97.1, branches: 92.8 }
  return {
    generatedAt: new Date('2026-01-02T03:20:00Z'),
    version,
    phases: {
      app: passedPhase('app'),
      build: passedPhase('build'),
      catalog: passedPhase('catalog'),
      deploy: passedPhase('deploy')
    },
    coverage: [
      { project: 'errors', coverage: { ...coverage, lines: 98.1 } },
      { project: 'mcp-server', coverage: { ...coverage, lines: 88.25 } },
      { project: 'tools', coverage: 'no results' },
      { project: 'validation', coverage }
    ],
    live: { url: endpointUrl, steps: endpointReport.steps },
    status: runningStatus,
    ...changes
  }
}
