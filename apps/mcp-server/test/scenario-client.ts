import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport
} from '@modelcontextprotocol/client'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { z } from 'zod'
import { bundle, startBuiltServer, type BuiltServer } from './built-server.ts'

/** `http`: each message by itself; `sessions`: over HTTP too, in a session; `modern`: in the newest revision. */
export type Door = 'http' | 'sessions' | 'stdio' | 'modern'

/** A real client of the built server, through one of its doors. */
export interface ScenarioClient extends AsyncDisposable {
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
  const server = door === 'stdio' ? undefined : await startBuiltServer(variables(door, environment))
  const client = server === undefined ? await byStdio(environment) : await byHttp(server, door)
  return {
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

function variables(
  door: Door,
  environment: Readonly<Record<string, string>>
): Readonly<Record<string, string>> {
  return door === 'sessions' ? { ...environment, SESSIONS: 'on' } : environment
}

const who = { name: 'scenarios', version: '1' }

async function byStdio(environment: Readonly<Record<string, string>>): Promise<Client> {
  const client = new Client(who)
  const [command, args] = [process.execPath, [bundle, '--stdio']]
  await client.connect(
    new StdioClientTransport({ command, args, env: { ...environment }, cwd: '/', stderr: 'ignore' })
  )
  return client
}

async function byHttp({ url }: BuiltServer, door: Door): Promise<Client | ModernClient> {
  const endpoint = new URL(`${url}/mcp`)
  if (door === 'modern') {
    const client = new ModernClient(who, { versionNegotiation: { mode: { pin: '2026-07-28' } } })
    await client.connect(new ModernTransport(endpoint))
    return client
  }
  const client = new Client(who)
  const transport = new StreamableHTTPClientTransport(endpoint)
  await client.connect(transport)
  if ((transport.sessionId !== undefined) !== (door === 'sessions'))
    throw new Error(`${door}: the session is ${String(transport.sessionId)}`)
  return client
}
