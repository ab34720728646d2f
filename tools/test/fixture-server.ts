import { createServer } from 'node:http'

/** What is wrong with the server; nothing where it is undefined. */
export type Fault = 'never-ready' | 'ends-at-once' | 'ends-with-1' | 'deaf' | 'unknown-method-answered'

const addTool = {
  name: 'add',
  inputSchema: { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] },
  outputSchema: { type: 'object', properties: { sum: { type: 'integer' } }, required: ['sum'] },
  _meta: { 'quilt-mcp/examples': [{ a: 1 }] }
}

/** A small MCP server as a program, as bad as the fault says. Tests start it as the built server. */
export function runFixture(fault?: Fault): void {
  if (process.argv.includes('--help')) {
    console.log(
      '  HOST  Address.\n        an address; default: 127.0.0.1\n  PORT  Port.\n        a port; default: 8000'
    )
    return
  }
  console.log(JSON.stringify({ msg: 'starting', fault }))
  if (fault === 'ends-at-once') process.exit(7)
  process.on('SIGTERM', () => {
    if (fault !== 'deaf') process.exit(fault === 'ends-with-1' ? 1 : 0)
  })
  const server = createServer((request, response) => {
    if (request.url === '/ready') response.writeHead(fault === 'never-ready' ? 503 : 200).end()
    else if (request.url === '/health')
      response.end(JSON.stringify({ revision: process.env['QUILT_MCP_REVISION'] }))
    else if (request.method !== 'POST') response.writeHead(405).end()
    else {
      let text = ''
      request.on('data', (chunk: Buffer) => (text += chunk.toString()))
      request.on('end', () => {
        const reply = answer(text, fault)
        response.writeHead(reply === undefined ? 202 : 200, { 'content-type': 'application/json' })
        response.end(reply === undefined ? '' : JSON.stringify({ jsonrpc: '2.0', ...reply }))
      })
    }
  })
  server.listen(Number(process.env['PORT']), process.env['HOST'])
}

function answer(text: string, fault: Fault | undefined): object | undefined {
  const error = (id: unknown, code: number): object => ({ id, error: { code, message: 'no' } })
  let message: Record<string, unknown>
  try {
    message = { ...JSON.parse(text) }
  } catch {
    return error(null, -32700)
  }
  const { id, method, params } = message
  if (id === undefined) return undefined
  if (method === 'initialize')
    return {
      id,
      result: {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'fixture', version: String(process.env['QUILT_MCP_VERSION']) }
      }
    }
  if (method === 'tools/list') return { id, result: { tools: [addTool] } }
  if (method !== 'tools/call')
    return fault === 'unknown-method-answered' ? { id, result: {} } : error(id, -32601)
  const call: { name?: unknown; arguments?: { a?: unknown } } = { ...Object(params) }
  if (call.name !== 'add') return error(id, -32602)
  const a = call.arguments?.a
  return typeof a === 'number' && Number.isInteger(a)
    ? { id, result: { content: [], structuredContent: { sum: a } } }
    : { id, result: { content: [], isError: true } }
}
