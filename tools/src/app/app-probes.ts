import { fileDigest, type EndpointStepGroup, type Finding, type Probe } from '@fast-mcp/validation'
import { access, readFile } from 'node:fs/promises'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import {
  endpointResultPath,
  endpointResultSchema,
  serverMain,
  type EndpointResult
} from '../endpoint/endpoint-result.ts'
import { findCycles, formatCycle } from '../import-cycles/find-cycles.ts'
import { importGraph, sourceFiles } from '../import-cycles/import-graph.ts'
import { importModules, modulesAmong } from './imports.ts'
import type { NxOutcome } from './nx-targets.ts'
import { readProjects, type Project } from './projects.ts'
import { faultsOf, readCoverage, readTestResults } from './test-results.ts'

const minimumCoverage = 85
const readyLimitMs = 10_000
const minimumPackages = 6

export interface AppProbesOptions {
  readonly workspace: string
  /** How the targets ended that leave the results which the probes read. */
  readonly targets: Promise<NxOutcome>
  /** Gets what the report draws. */
  readonly details: Record<string, unknown>
}

/** The probes of phase app: they look at what the targets have left. */
export function appProbes({
  workspace,
  targets,
  details
}: AppProbesOptions): Readonly<Record<string, Probe>> {
  const projects = readProjects(workspace)
  const endpoint = targets.then(() => readEndpointResult(workspace))
  // Each is awaited by the probes that need it: a probe reports the failure, not the process.
  for (const promise of [projects, targets, endpoint]) promise.catch(() => undefined)

  return {
    'app.inputs': async () => inputs(workspace, await projects),
    'app.lint': async () => target('lint', await targets, await projects),
    'app.typecheck': async () => target('typecheck', await targets, await projects),
    'app.unit-tests': async () => {
      await targets
      return unitTests(workspace, await projects)
    },
    'app.coverage': async () => {
      await targets
      return coverage(workspace, await projects)
    },
    'app.integration-tests': async () => {
      await targets
      return suites(workspace, ['mcp-server-integration'])
    },
    'app.real-data': async () => realData(workspace, await endpoint),
    'app.imports': async ({ signal: limit }) => {
      const modules = modulesAmong(sourceFiles(workspace))
      return verdict(await importModules(workspace, modules, limit), `${String(modules.length)} modules`)
    },
    'app.import-cycles': async () => {
      const files = sourceFiles(workspace)
      const cycles = findCycles(await importGraph(workspace, files))
      return verdict(cycles.map(formatCycle), `${String(files.length)} files`)
    },
    'app.startup': async () => {
      const result = await endpoint
      details['readyMs'] = result.readyMs
      details['endpoint'] = result.report
      return startup(result)
    },
    'app.default-address': async () => defaultAddress(await endpoint),
    'app.endpoint': async () => steps(await endpoint, ['methods', 'version']),
    'app.json-rpc': async () => steps(await endpoint, ['json-rpc']),
    'app.tools-registered': async () => registered(await endpoint),
    'app.tools': async () => steps(await endpoint, ['tools']),
    'app.output': () => output(workspace)
  }
}

/** Passed where there are no faults. */
function verdict(faults: readonly string[], evidence: string): Finding {
  return faults.length === 0
    ? { status: 'passed', evidence }
    : { status: 'failed', evidence: faults.join('\n') }
}

async function inputs(workspace: string, projects: readonly Project[]): Promise<Finding> {
  const needed = [
    'package-lock.json',
    ...projects.flatMap(({ root }) => [`${root}/package.json`, `${root}/jest.config.mjs`])
  ]
  const missing = await missingAmong(workspace, needed)
  const empty = projects
    .filter(({ root }) => globSync(`${root}/src/**/*.ts`, { cwd: workspace }).length === 0)
    .map(({ root }) => `${root}/src has no sources`)
  return verdict([...missing, ...empty], `${String(projects.length)} projects`)
}

function target(name: string, outcome: NxOutcome, projects: readonly Project[]): Finding {
  const failed = outcome.failed.filter((task) => task.endsWith(`:${name}`))
  const having = projects.filter((project) => project.targets.includes(name))
  const without = projects.filter((project) => !having.includes(project)).map(({ name: project }) => project)
  return verdict(
    [
      ...failed.map((task) => `${task} failed`),
      ...without.map((project) => `${project} has no target ${name}`)
    ],
    `${String(having.length)} projects; ${outcome.cache}`
  )
}

async function unitTests(workspace: string, projects: readonly Project[]): Promise<Finding> {
  return suites(
    workspace,
    projects.map((project) => project.name)
  )
}

async function suites(workspace: string, names: readonly string[]): Promise<Finding> {
  const all = await Promise.all(
    names.map(async (name) => ({ name, results: await readTestResults(workspace, name) }))
  )
  const faults = all.flatMap(({ name, results }) =>
    (typeof results === 'string' ? [results] : faultsOf(results)).map((fault) => `${name}: ${fault}`)
  )
  const sum = (key: 'numPassedTests' | 'numPendingTests'): number =>
    all.reduce((total, { results }) => total + (typeof results === 'string' ? 0 : results[key]), 0)
  const skipped = sum('numPendingTests')
  return verdict(
    faults,
    `${String(sum('numPassedTests'))} tests passed in ${String(names.length)} suite(s)${skipped > 0 ? `, ${String(skipped)} skipped` : ''}`
  )
}

async function coverage(workspace: string, projects: readonly Project[]): Promise<Finding> {
  const all = await Promise.all(
    projects.map(async ({ name }) => ({ name, covered: await readCoverage(workspace, name) }))
  )
  const faults = all.flatMap(({ name, covered }) =>
    typeof covered === 'string'
      ? [`${name}: ${covered}`]
      : (['lines', 'statements', 'functions'] as const)
          .filter((what) => covered[what] < minimumCoverage)
          .map(
            (what) => `${name}: ${String(covered[what])} % of ${what}, expected ${String(minimumCoverage)} %`
          )
  )
  const lines = all.map(
    ({ name, covered }) => `${name} ${typeof covered === 'string' ? '?' : String(covered.lines)} %`
  )
  return verdict(faults, `lines: ${lines.join(', ')}`)
}

/** What the endpoint target found for the very server that is there now; throws an Error where that cannot be said. */
async function readEndpointResult(workspace: string): Promise<EndpointResult> {
  const text = await readFile(join(workspace, endpointResultPath), 'utf8').catch(() => undefined)
  if (text === undefined) throw new Error(`${endpointResultPath} is not there: the endpoint was not tested`)
  const result = endpointResultSchema.parse(JSON.parse(text))
  const digest = await fileDigest(join(workspace, serverMain))
  if (digest !== result.server.digest)
    throw new Error(
      `${serverMain} is not the server that was tested\ntested ${result.server.digest}\nfound  ${digest}`
    )
  return result
}

function startup({ readyMs, startupFailure, log }: EndpointResult): Finding {
  if (readyMs === undefined)
    return { status: 'failed', evidence: `${startupFailure ?? 'it was not ready'}\n${log}` }
  return verdict(
    readyMs > readyLimitMs ? [`ready after ${String(readyMs)} ms`] : [],
    `ready after ${String(readyMs)} ms`
  )
}

function defaultAddress({ defaults: { host, port } }: EndpointResult): Finding {
  return verdict(
    host === '127.0.0.1' && port === '8000'
      ? []
      : [`HOST is ${host || 'not named'}, PORT ${port || 'not named'}`],
    `http://${host}:${port}/mcp`
  )
}

/** Passed where the endpoint tester took steps of these groups and all of them went well. */
function steps({ report, stopped }: EndpointResult, groups: readonly EndpointStepGroup[]): Finding {
  const taken = report?.steps.filter((step) => groups.includes(step.group)) ?? []
  const faults = taken.filter((step) => !step.passed).map((step) => `${step.title}: ${step.evidence}`)
  if (taken.length === 0) faults.push('the endpoint tester did not come that far')
  if (groups.includes('methods') && stopped?.code !== 0)
    faults.push(`after SIGTERM it ended with ${String(stopped?.code ?? stopped?.signal)}, expected 0`)
  const slowest = Math.max(0, ...taken.map((step) => step.ms))
  return verdict(faults, `${String(taken.length)} steps, the slowest in ${slowest.toFixed(1)} ms`)
}

function registered(result: EndpointResult): Finding {
  const found = steps(result, ['registration'])
  if (found.status === 'failed') return found
  const { toolNames = [], tools = [] } = result.report ?? {}
  const faults = toolNames.flatMap((name) => {
    const tool = tools.find((one) => one.tool === name)
    if (tool === undefined || tool.examples === 0) return [`${name} has no examples`]
    return tool.outputSchema ? [] : [`${name} has no output schema`]
  })
  return verdict(faults, `${String(toolNames.length)} tools: ${toolNames.join(', ')}`)
}

function realData(workspace: string, { report }: EndpointResult): Finding {
  const packages = globSync('dist/apps/mcp-server/sample/.quilt/named_packages/*/*', { cwd: workspace })
    .map((path) => path.split(/[/\\]/).slice(-2).join('/'))
    .sort()
  const faults =
    packages.length < minimumPackages ? [`the sample registry has ${String(packages.length)} packages`] : []
  const readers = ['packages_list', 'package_browse', 'object_read'].filter(
    (name) => report?.tools.find((tool) => tool.tool === name)?.passed !== true
  )
  return verdict([...faults, ...readers.map((name) => `${name} did not pass`)], packages.join(', '))
}

async function output(workspace: string): Promise<Finding> {
  const sample = 'dist/apps/mcp-server/sample'
  const missing = await missingAmong(workspace, [serverMain, sample])
  if (missing.length > 0) return verdict(missing, '')
  return verdict([], `${serverMain} ${await fileDigest(join(workspace, serverMain))}, ${sample}`)
}

async function missingAmong(workspace: string, files: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    files.map((file) =>
      access(join(workspace, file)).then(
        () => [],
        () => [`${file} is not there`]
      )
    )
  )
  return found.flat()
}
