import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { HttpFetch } from './http-fetch.ts'
import type { StepRecorder } from './step-recorder.ts'

/** Connects with the official client, which sends initialize; undefined where that failed. */
export async function sdkConnect(
  recorder: StepRecorder,
  url: string,
  fetch: HttpFetch['fetch'],
  signal: AbortSignal
): Promise<Client | undefined> {
  const done = await recorder.step(
    { id: 'sdk.initialize', group: 'methods', title: 'initialize with the official client' },
    async () => {
      const client = new Client({ name: 'endpoint-test', version: '1' })
      const transport = new StreamableHTTPClientTransport(new URL(url), {
        fetch,
        reconnectionOptions: {
          maxRetries: 0,
          initialReconnectionDelay: 1000,
          maxReconnectionDelay: 1000,
          reconnectionDelayGrowFactor: 1
        }
      })
      const started = performance.now()
      await client.connect(transport, { signal })
      return {
        value: client,
        evidence: `connected, revision ${String(transport.protocolVersion)}`,
        requestMs: performance.now() - started
      }
    }
  )
  return done?.value
}

/** tools/list with the official client, which also prepares its own validation of results. */
export async function sdkList(
  recorder: StepRecorder,
  client: Client,
  expected: readonly string[],
  signal: AbortSignal
): Promise<void> {
  await recorder.step(
    { id: 'sdk.tools/list', group: 'methods', title: 'tools/list with the official client' },
    async () => {
      const names: string[] = []
      let cursor: string | undefined
      const started = performance.now()
      do {
        const page = await client.listTools(cursor === undefined ? {} : { cursor }, { signal })
        names.push(...page.tools.map((tool) => tool.name))
        cursor = page.nextCursor
      } while (cursor !== undefined && names.length < expected.length)
      const requestMs = performance.now() - started
      if (names.join() !== expected.join())
        throw new Error(
          `the two clients see different tools: ${names.join(', ')}; over HTTP ${expected.join(', ')}`
        )
      return { value: undefined, evidence: `${String(names.length)} tools`, requestMs }
    }
  )
}
