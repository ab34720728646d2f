import { fileDigest, type Finding, type Probe } from '@fast-mcp/validation'
import { access } from 'node:fs/promises'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { serverMain } from '../endpoint/endpoint-result.ts'
import { findCycles, formatCycle } from '../import-cycles/find-cycles.ts'
import { importGraph, sourceFiles } from '../import-cycles/import-graph.ts'
import {
  defaultAddress,
  readEndpointResult,
  realData,
  registered,
  startup,
  steps
} from './endpoint-findings.ts'
import { importModules, modulesAmong } from './imports.ts'
import type { NxOutcome } from './nx-targets.ts'
import { readProjects, type Project } from './projects.ts'
import { faultsOf, readCoverage, readTestResults } from './test-results.ts'
import { verdict } from './verdict.ts'

const minimumCoverage = 85

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
