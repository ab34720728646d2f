import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { createServer } from 'node:http'
import { announce } from './announce.ts'
import { description, input, output, toolNames } from './echo-tool.ts'

// The usual way of the SDK, version 1: a McpServer and a transport for every request.

announce(
  createServer((request, response) => {
    const server = new McpServer({ name: 'sdk-v1', version: '1' })
    for (const name of toolNames)
      server.registerTool(name, { description, inputSchema: input, outputSchema: output }, ({ text }) => ({
        content: [{ type: 'text', text }],
        structuredContent: { text }
      }))
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true })
    response.on('close', () => void server.close())
    void server.connect(transport).then(() => transport.handleRequest(request, response))
  })
)
