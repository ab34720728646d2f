import { z } from 'zod'
import { badArguments } from './bad-arguments.ts'
import type { EndpointReport } from './endpoint-report.ts'
import { shorten } from './evidence.ts'
import { parsePage, type ListedTool } from './listed-tool.ts'
import type { RawAnswer, RawClient } from './raw-client.ts'
import type { StepRecorder } from './step-recorder.ts'

const newestRevision = '2025-11-25'
const maxPages = 100

const initializeSchema = z.object({
  protocolVersion: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
  capabilities: z.object({ tools: z.object({}).loose() }).loose(),
  serverInfo: z.object({ name: z.string().min(1), version: z.string().min(1) }).loose()
})

/** initialize: revision, the capability `tools` and who the server is. */
export async function rawInitialize(
  recorder: StepRecorder,
  client: RawClient
): Promise<EndpointReport['server']> {
  const done = await recorder.step(
    { id: 'raw.initialize', group: 'methods', title: 'initialize over HTTP' },
    async () => {
      const answer = await client.request('initialize', {
        protocolVersion: newestRevision,
        capabilities: {},
        clientInfo: { name: 'endpoint-test', version: '1' }
      })
      const { protocolVersion, serverInfo } = initializeSchema.parse(resultOf(answer))
      await client.initialized(protocolVersion)
      return {
        value: { name: serverInfo.name, version: serverInfo.version, protocolVersion },
        evidence: `${serverInfo.name} ${serverInfo.version}, revision ${protocolVersion}`,
        requestMs: answer.ms
      }
    }
  )
  return done?.value
}

/** tools/list, all pages; undefined where it failed. */
export async function rawList(
  recorder: StepRecorder,
  client: RawClient
): Promise<readonly unknown[] | undefined> {
  const done = await recorder.step(
    { id: 'raw.tools/list', group: 'methods', title: 'tools/list over HTTP' },
    async () => {
      const tools: unknown[] = []
      let cursor: string | undefined
      let pages = 0
      let slowest = 0
      do {
        const answer = await client.request('tools/list', cursor === undefined ? {} : { cursor })
        slowest = Math.max(slowest, answer.ms)
        const page = parsePage(resultOf(answer))
        tools.push(...page.tools)
        cursor = page.next
        if (++pages > maxPages) throw new Error(`more than ${String(maxPages)} pages: the list does not end`)
      } while (cursor !== undefined)
      return { value: tools, evidence: `${String(tools.length)} tools`, requestMs: slowest }
    }
  )
  return done?.value
}

/** What a client gets for its own mistakes: the codes of JSON-RPC 2.0, section 5.1, as MCP uses them. */
export async function rawErrors(
  recorder: StepRecorder,
  client: RawClient,
  tools: readonly ListedTool[]
): Promise<void> {
  const group = 'json-rpc'
  await recorder.step({ id: 'raw.unknown-method', group, title: 'An unknown method gets -32601' }, async () =>
    expectError(await client.request('no/such/method', {}), -32601)
  )
  await recorder.step({ id: 'raw.unknown-tool', group, title: 'An unknown tool gets -32602' }, async () =>
    expectError(await client.request('tools/call', { name: 'no_such_tool', arguments: {} }), -32602)
  )
  await recorder.step({ id: 'raw.bad-json', group, title: 'A body that is not JSON gets -32700' }, async () =>
    expectError(await client.post('{"jsonrpc": "2.0", "id": 1, "method"', null), -32700)
  )
  await recorder.step(
    { id: 'raw.bad-arguments', group, title: 'Arguments of a wrong type are refused' },
    async () => {
      const call = badArguments(tools)
      if (call === undefined) return { value: undefined, evidence: 'no tool takes arguments' }
      const answer = await client.request('tools/call', call)
      const shown = `${call.name} ${JSON.stringify(call.arguments)}`
      if (answer.response.ok && isToolError(answer.response.result))
        return { value: undefined, evidence: `${shown}: a result with isError`, requestMs: answer.ms }
      if (!answer.response.ok && answer.response.code === -32602)
        return {
          value: undefined,
          evidence: `${shown}: -32602 ${answer.response.message}`,
          requestMs: answer.ms
        }
      throw new Error(`${shown}\nexpected -32602 or a result with isError, got ${shorten(answer.body)}`)
    }
  )
}

/** The result of a response. Throws an Error where it is an error. */
export function resultOf(answer: RawAnswer): unknown {
  if (answer.response.ok) return answer.response.result
  throw new Error(`error ${String(answer.response.code)}: ${answer.response.message}`)
}

function expectError(answer: RawAnswer, code: number) {
  const { response, ms } = answer
  if (response.ok) throw new Error(`expected error ${String(code)}, got a result: ${shorten(answer.body)}`)
  if (response.code !== code)
    throw new Error(`expected error ${String(code)}, got ${String(response.code)}: ${response.message}`)
  return { value: undefined, evidence: `${String(code)} ${response.message}`, requestMs: ms }
}

function isToolError(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'isError' in result && result.isError === true
}
