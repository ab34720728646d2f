import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { z } from 'zod'
import { bundle, startBuiltServer } from './built-server.ts'

export type Door = 'http' | 'stdio'

/** A real client of the built server, through one of its doors. */
export interface ScenarioClient extends AsyncDisposable {
  readonly client: Client
  /** The structured content of a tool's result. Throws with the failure where it is one. */
  call(tool: string, args: Record<string, unknown>): Promise<Readonly<Record<string, unknown>>>
  /** Code and next step of a call that has to fail as it may. Throws where it does not. */
  refusal(tool: string, args: Record<string, unknown>): Promise<Refusal>
}

const refusalSchema = z.object({ code: z.string(), reason: z.string(), next: z.string() })

export type Refusal = z.output<typeof refusalSchema>

/** Starts the built server with only these variables, and connects to it. */
export async function openDoor(
  door: Door,
  environment: Readonly<Record<string, string>>
): Promise<ScenarioClient> {
  const client = new Client({ name: 'scenarios', version: '1' })
  const server = door === 'http' ? await startBuiltServer(environment) : undefined
  await client.connect(
    server === undefined
      ? new StdioClientTransport({
          command: process.execPath,
          args: [bundle, '--stdio'],
          env: { ...environment },
          cwd: '/',
          stderr: 'ignore'
        })
      : new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`))
  )
  return {
    client,
    call: async (name, args) => {
      const result = await client.callTool({ name, arguments: args })
      if (result.isError === true) throw new Error(`${name}: ${JSON.stringify(result.content)}`)
      return z.record(z.string(), z.unknown()).parse(result.structuredContent)
    },
    refusal: async (name, args) => {
      const { _meta } = await client.callTool({ name, arguments: args })
      return z.object({ 'quilt-mcp/failure': refusalSchema }).parse(_meta)['quilt-mcp/failure']
    },
    [Symbol.asyncDispose]: async () => {
      await client.close()
      await server?.[Symbol.asyncDispose]()
    }
  }
}
