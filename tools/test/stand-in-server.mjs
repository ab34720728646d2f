// A small MCP server with /health, as the image of a test. FAULT in its own source says how it fails.
import { createServer } from 'node:http'

const FAULT = ''
const { PORT, HOST, QUILT_MCP_VERSION: version, QUILT_MCP_REVISION: revision } = process.env
if (process.argv.includes('--health')) {
  const answer = await fetch(`http://${HOST}:${PORT}/health`).catch(() => undefined)
  process.exit(answer?.ok && FAULT !== 'sick' ? 0 : 1)
}
if (FAULT === 'crash') {
  console.error('cannot open the registry')
  process.exit(7)
}
process.on('SIGTERM', () => process.exit(FAULT === 'ends-with-1' ? 1 : 0))

const integer = { type: 'integer' }
const tool = {
  name: 'add',
  inputSchema: { type: 'object', properties: { a: integer }, required: ['a'] },
  outputSchema: { type: 'object', properties: { sum: integer }, required: ['sum'] },
  _meta: { 'quilt-mcp/examples': [{ a: 1 }] }
}

function answer(text) {
  let message
  try {
    message = JSON.parse(text)
  } catch {
    return { id: null, error: { code: -32700, message: 'no JSON' } }
  }
  const { id, method, params } = message
  if (id === undefined) return undefined
  if (method === 'initialize') {
    const serverInfo = { name: 'stand-in', version }
    return { id, result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo } }
  }
  if (method === 'tools/list') return { id, result: { tools: [tool] } }
  if (method !== 'tools/call') return { id, error: { code: -32601, message: 'no such method' } }
  if (params?.name !== 'add') return { id, error: { code: -32602, message: 'no such tool' } }
  const a = params.arguments?.a
  if (!Number.isInteger(a)) return { id, result: { content: [], isError: true } }
  return { id, result: { content: [], structuredContent: { sum: a } } }
}

createServer((request, response) => {
  console.log(
    FAULT === 'plain-logs' ? request.url : JSON.stringify({ http: request.method, path: request.url })
  )
  response.setHeader('content-type', 'application/json')
  if (request.url === '/health') return response.end(JSON.stringify({ status: 'ok', version, revision }))
  if (request.method !== 'POST')
    return response.writeHead(request.headers.accept?.includes('event-stream') ? 405 : 200).end('{}')
  let text = ''
  request.on('data', (chunk) => (text += chunk))
  request.on('end', () => {
    const reply = FAULT === 'mute' ? undefined : answer(text)
    response.writeHead(reply === undefined ? 202 : 200)
    response.end(reply === undefined ? '' : JSON.stringify({ jsonrpc: '2.0', ...reply }))
  })
}).listen(Number(PORT), HOST)
