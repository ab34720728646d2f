import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { z } from 'zod'

const failureSchema = z.object({ 'quilt-mcp/failure': z.object({ code: z.string(), next: z.string() }) })

/** A real client of a server over HTTP. */
export interface McpClient extends AsyncDisposable {
  readonly client: Client
  /** The structured content of a tool's result. Throws with the failure where it is one. */
  call(tool: string, args?: Record<string, unknown>): Promise<Readonly<Record<string, unknown>>>
  /** The code of a call that has to fail as it may. Throws where it does not. */
  fails(tool: string, args?: Record<string, unknown>): Promise<string>
}

/** Connects to the server at a URL without a path, with a bearer token where one is given. */
export async function connectClient(url: string, token?: string): Promise<McpClient> {
  const client = new Client({ name: 'test', version: '1' })
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` }
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit: { headers } }))
  return {
    client,
    call: async (name, args = {}) => {
      const result = await client.callTool({ name, arguments: args })
      if (result.isError === true) throw new Error(JSON.stringify(result.content))
      return z.record(z.string(), z.unknown()).parse(result.structuredContent)
    },
    fails: async (name, args = {}) => {
      const result = await client.callTool({ name, arguments: args })
      return failureSchema.parse(result._meta)['quilt-mcp/failure'].code
    },
    [Symbol.asyncDispose]: () => client.close()
  }
}
