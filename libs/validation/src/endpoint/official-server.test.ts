import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { z } from 'zod'
import { failed } from '../../test/run-endpoint.ts'
import { testEndpoint } from './test-endpoint.ts'

const signal = new AbortController().signal

test('an endpoint made with the official server library, with sessions and event streams, passes', async () => {
  const transports = new Map<string, StreamableHTTPServerTransport>()
  const connect = async (): Promise<StreamableHTTPServerTransport> => {
    const server = new McpServer({ name: 'official', version: '1' })
    server.registerTool(
      'double',
      {
        inputSchema: { n: z.number() },
        outputSchema: { twice: z.number() },
        _meta: { 'quilt-mcp/examples': [{ n: 21 }] }
      },
      ({ n }) => ({ content: [{ type: 'text', text: String(2 * n) }], structuredContent: { twice: 2 * n } })
    )
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => {
        transports.set(id, transport)
      },
      onsessionclosed: (id) => {
        transports.delete(id)
      }
    })
    await server.server.connect(transport)
    return transport
  }
  const server = createServer((request, response) => {
    const id = request.headers['mcp-session-id']
    const known = typeof id === 'string' ? transports.get(id) : undefined
    void (known === undefined ? connect() : Promise.resolve(known)).then((transport) =>
      transport.handleRequest(request, response)
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  try {
    const port = typeof address === 'object' ? address?.port : undefined
    const report = await testEndpoint(`http://127.0.0.1:${String(port)}/mcp`, { signal })
    // This library answers an unknown tool with a result that says isError: the one thing it does its own way.
    expect(failed(report).map((step) => step.id)).toEqual(['raw.unknown-tool'])
    expect(report.tools).toMatchObject([{ tool: 'double', passed: true }])
    expect(transports.size).toBe(1)
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
