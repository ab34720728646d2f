import { fileDigest, type EndpointStepGroup, type Finding } from '@fast-mcp/validation'
import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  endpointResultPath,
  endpointResultSchema,
  serverMain,
  type EndpointResult
} from '../endpoint/endpoint-result.ts'
import { verdict } from './verdict.ts'

const readyLimitMs = 10_000
const minimumPackages = 6

/** What the endpoint target found for the very server that is there now; throws an Error where that cannot be said. */
export async function readEndpointResult(workspace: string): Promise<EndpointResult> {
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

/** Passed where the server was ready within the bound. */
export function startup({ readyMs, startupFailure, log }: EndpointResult): Finding {
  if (readyMs === undefined)
    return { status: 'failed', evidence: `${startupFailure ?? 'it was not ready'}\n${log}` }
  return verdict(
    readyMs > readyLimitMs ? [`ready after ${String(readyMs)} ms`] : [],
    `ready after ${String(readyMs)} ms`
  )
}

/** Passed where the server says that it listens on 127.0.0.1:8000 unless told otherwise. */
export function defaultAddress({ defaults: { host, port } }: EndpointResult): Finding {
  return verdict(
    host === '127.0.0.1' && port === '8000'
      ? []
      : [`HOST is ${host || 'not named'}, PORT ${port || 'not named'}`],
    `http://${host}:${port}/mcp`
  )
}

/** Passed where the endpoint tester took steps of these groups and all of them went well. */
export function steps({ report, stopped }: EndpointResult, groups: readonly EndpointStepGroup[]): Finding {
  const taken = report?.steps.filter((step) => groups.includes(step.group)) ?? []
  const faults = taken.filter((step) => !step.passed).map((step) => `${step.title}: ${step.evidence}`)
  if (taken.length === 0) faults.push('the endpoint tester did not come that far')
  if (groups.includes('methods') && stopped?.code !== 0)
    faults.push(`after SIGTERM it ended with ${String(stopped?.code ?? stopped?.signal)}, expected 0`)
  const slowest = Math.max(0, ...taken.map((step) => step.ms))
  return verdict(faults, `${String(taken.length)} steps, the slowest in ${slowest.toFixed(1)} ms`)
}

/** Passed where the list of tools is valid, and every tool has examples and an output schema. */
export function registered(result: EndpointResult): Finding {
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

/** Passed where the sample registry holds packages, and the tools that read them passed. */
export function realData(workspace: string, { report }: EndpointResult): Finding {
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
