import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { CodedError } from '@fast-mcp/errors'
import { z } from 'zod'
import type { EndpointReport, EndpointStep, ToolTiming } from './endpoint-report.ts'
import { httpFetch, type HttpFetch } from './http-fetch.ts'
import { parseTools, type ListedTool } from './listed-tool.ts'
import { RawClient } from './raw-client.ts'
import { rawErrors, rawInitialize, rawList, resultOf } from './raw-steps.ts'
import { sdkConnect, sdkList } from './sdk-steps.ts'
import { StepRecorder, type StepResult } from './step-recorder.ts'
import { checkToolResult } from './tool-result.ts'

export interface TestEndpointOptions {
  /** The only certificate authority to trust, as PEM. @default those that Node trusts */
  readonly ca?: string
  /** Names of the tools to call. @default all */
  readonly tools?: readonly string[]
  /** Full SHA that /health beside the endpoint must name. */
  readonly expectRevision?: string
  readonly signal: AbortSignal
  readonly onProgress?: (step: EndpointStep) => void
}

/**
 * Tries an MCP endpoint of any server over Streamable HTTP, with raw HTTP and with the official client: initialize,
 * tools/list, tools/call for every example of every tool with the result validated against the tool's output schema,
 * the shape of responses, and the errors for an unknown method, an unknown tool, bad JSON and bad arguments.
 *
 * Resolves for an endpoint that fails, too: `passed` says whether every step went well. Throws CodedError
 * `invalid-arguments` for a URL that is none or a tool that is not listed, and the reason of the signal.
 */
export async function testEndpoint(url: string, options: TestEndpointOptions): Promise<EndpointReport> {
  const endpoint = parseUrl(url)
  const { signal } = options
  const started = new Date()
  const clock = performance.now()
  const recorder = new StepRecorder(signal, options.onProgress ?? (() => undefined))
  const http = httpFetch(options.ca)
  const raw = new RawClient(endpoint.href, http.fetch, signal)
  let sdk: Client | undefined
  try {
    if (options.expectRevision !== undefined)
      await checkRevision(recorder, http.fetch, endpoint, options.expectRevision, signal)
    const server = await rawInitialize(recorder, raw)
    const values = server === undefined ? undefined : await rawList(recorder, raw)
    const tools = values === undefined ? [] : await register(recorder, values)
    const timings: ToolTiming[] = []
    if (values !== undefined) {
      const chosen = choose(tools, options.tools)
      await rawErrors(recorder, raw, tools)
      sdk = await sdkConnect(recorder, endpoint.href, http.fetch, signal)
      if (sdk !== undefined) await sdkList(recorder, sdk, namesOf(values), signal)
      for (const tool of chosen) timings.push(await callTool(recorder, tool, raw, sdk, signal))
    }
    return {
      url: endpoint.href,
      startedAt: started.toISOString(),
      durationMs: Math.round(performance.now() - clock),
      passed: recorder.steps.every((step) => step.passed),
      server,
      toolNames: namesOf(values ?? []),
      tools: timings,
      latency: recorder.latency,
      steps: recorder.steps
    }
  } finally {
    await sdk?.close()
    // The session is ended out of courtesy; the report stands whether or not the server hears it.
    await raw.close().catch(() => undefined)
    http.close()
  }
}

function parseUrl(url: string): URL {
  const parsed = URL.parse(url)
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol))
    throw new CodedError('invalid-arguments', `${JSON.stringify(url)} is not an http or https URL`, {
      remedy: 'Name the endpoint, for example http://127.0.0.1:8000/mcp.'
    })
  return parsed
}

function choose(tools: readonly ListedTool[], names: readonly string[] | undefined): readonly ListedTool[] {
  if (names === undefined) return tools
  const unknown = names.filter((name) => !tools.some((tool) => tool.name === name))
  if (unknown.length > 0)
    throw new CodedError('invalid-arguments', `the server has no tool ${unknown.join(', ')}`, {
      remedy: `Choose from ${tools.map((tool) => tool.name).join(', ')}.`
    })
  return tools.filter((tool) => names.includes(tool.name))
}

function namesOf(values: readonly unknown[]): readonly string[] {
  return values.map((value) => z.object({ name: z.string() }).safeParse(value).data?.name ?? '')
}

async function register(recorder: StepRecorder, values: readonly unknown[]): Promise<readonly ListedTool[]> {
  const { tools, faults } = parseTools(values)
  await recorder.step(
    { id: 'registration', group: 'registration', title: 'Names, schemas and examples of the list are valid' },
    () => {
      if (faults.length > 0) throw new Error(faults.join('\n'))
      const count = (what: (tool: ListedTool) => boolean): string => String(tools.filter(what).length)
      return {
        value: undefined,
        evidence: `${String(tools.length)} tools, ${count((tool) => tool.hasOutputSchema)} with an output schema, ${count((tool) => tool.examples.length > 0)} that can be called`
      }
    }
  )
  return tools
}

async function checkRevision(
  recorder: StepRecorder,
  fetch: HttpFetch['fetch'],
  endpoint: URL,
  expected: string,
  signal: AbortSignal
): Promise<void> {
  await recorder.step(
    { id: 'version', group: 'version', title: 'The endpoint serves the expected commit' },
    async () => {
      const answer = await fetch(new URL('/health', endpoint), {
        signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)])
      })
      const body = await answer.text()
      if (answer.status !== 200)
        throw new Error(`/health: HTTP ${String(answer.status)}: ${body.slice(0, 200)}`)
      const { revision } = z.object({ revision: z.string() }).parse(JSON.parse(body))
      if (revision !== expected) throw new Error(`/health names ${revision}, expected ${expected}`)
      return { value: undefined, evidence: revision }
    }
  )
}

async function callTool(
  recorder: StepRecorder,
  tool: ListedTool,
  raw: RawClient,
  sdk: Client | undefined,
  signal: AbortSignal
): Promise<ToolTiming> {
  const ms: number[] = []
  let passed = tool.examples.length > 0
  const call = async (
    client: string,
    index: number,
    work: () => Promise<StepResult<undefined>>
  ): Promise<void> => {
    const title = `${tool.name} ${JSON.stringify(tool.examples[index])} ${client === 'raw' ? 'over HTTP' : 'with the official client'}`
    const id = `${client}.tools/call ${tool.name} ${String(index + 1)}`
    const done = await recorder.step({ id, group: 'tools', title }, work)
    if (done === undefined) passed = false
    else ms.push(done.ms)
  }
  if (tool.examples.length === 0)
    await recorder.step(
      { id: `tools/call ${tool.name}`, group: 'tools', title: `${tool.name} can be tested` },
      () => {
        throw new Error('it requires arguments, and the server gives no examples of them')
      }
    )
  for (const [index, example] of tool.examples.entries()) {
    await call('raw', index, async () => {
      const answer = await raw.request('tools/call', { name: tool.name, arguments: example })
      return { value: undefined, evidence: checkToolResult(tool, resultOf(answer)), requestMs: answer.ms }
    })
    if (sdk !== undefined)
      await call('sdk', index, async () => {
        const started = performance.now()
        const result = await sdk.callTool({ name: tool.name, arguments: { ...example } }, undefined, {
          signal
        })
        const requestMs = performance.now() - started
        return { value: undefined, evidence: checkToolResult(tool, result), requestMs }
      })
  }
  return { tool: tool.name, examples: tool.examples.length, outputSchema: tool.hasOutputSchema, passed, ms }
}
