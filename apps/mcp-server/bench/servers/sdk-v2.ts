import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { createServer, type IncomingMessage } from 'node:http'
import { z } from 'zod'
import { announce } from './announce.ts'
import { description, input, output, toolNames } from './echo-tool.ts'

// The handler of the SDK, version 2, which makes a server for every request too.

const schemas = { inputSchema: z.object(input), outputSchema: z.object(output) }
const handler = createMcpHandler(() => {
  const server = new McpServer({ name: 'sdk-v2', version: '1' })
  for (const name of toolNames)
    server.registerTool(name, { description, ...schemas }, ({ text }) => ({
      content: [{ type: 'text', text }],
      structuredContent: { text }
    }))
  return server
})

announce(
  createServer((request, response) => {
    void (async () => {
      const answer = await handler.fetch(
        new Request('http://127.0.0.1/mcp', {
          method: 'POST',
          headers: headersOf(request),
          body: await read(request)
        })
      )
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
    })()
  })
)

function headersOf(request: IncomingMessage): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers))
    if (typeof value === 'string' && /^(?:content-type$|accept$|mcp-)/.test(name)) headers.set(name, value)
  return headers
}

function read(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    request
      .setEncoding('utf8')
      .on('data', (chunk: string) => (text += chunk))
      .on('end', () => {
        resolve(text)
      })
      .on('error', reject)
  })
}
