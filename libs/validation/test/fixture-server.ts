import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'

/** What the fixture sends back. */
export interface Reply {
  status: number
  type: string
  body: string
}

export interface Message {
  readonly method: string
  readonly id?: string | number | undefined
  readonly params?: Readonly<Record<string, unknown>> | undefined
}

export interface FixtureOptions {
  /** Changes a reply that was right. The message is undefined for a body that is not JSON. */
  readonly twist?: (message: Message | undefined, reply: Reply) => Reply
  readonly tools?: readonly object[]
  readonly revision?: string
  readonly tls?: { readonly key: string; readonly cert: string }
}

export interface Fixture {
  readonly url: string
  /** Methods in the order of their arrival. */
  readonly seen: string[]
  close(): Promise<void>
}

const messageSchema = z.object({
  method: z.string(),
  id: z.union([z.string(), z.number()]).optional(),
  params: z.record(z.string(), z.unknown()).optional()
})

export const addTool = {
  name: 'add',
  inputSchema: {
    type: 'object',
    properties: { a: { type: 'integer' }, b: { type: 'integer' } },
    required: ['a', 'b']
  },
  outputSchema: { type: 'object', properties: { sum: { type: 'integer' } }, required: ['sum'] },
  _meta: {
    'quilt-mcp/examples': [
      { a: 1, b: 2 },
      { a: 2, b: 3 }
    ]
  }
}

export const pingTool = { name: 'ping_me', inputSchema: { type: 'object', properties: {} } }

/** A small MCP server that does everything right, until `twist` changes what it says. */
export async function startFixture(options: FixtureOptions = {}): Promise<Fixture> {
  const seen: string[] = []
  const tools = options.tools ?? [addTool, pingTool]
  const handle: Parameters<typeof createServer>[1] = (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (request.url === '/health') {
        if (options.revision === undefined) response.writeHead(404).end('not here')
        else response.end(JSON.stringify({ status: 'ok', revision: options.revision }))
        return
      }
      if (request.method !== 'POST') {
        response.writeHead(405).end()
        return
      }
      const message = parse(Buffer.concat(chunks).toString())
      seen.push(message?.method ?? 'not JSON')
      const right = answer(message, tools)
      const { status, type, body } = options.twist?.(message, right) ?? right
      response.writeHead(status, { 'content-type': type }).end(body)
    })
  }
  const server: Server =
    options.tls === undefined ? createServer(handle) : createTlsServer(options.tls, handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = addressOf(server)
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${String(port)}/mcp`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      })
  }
}

function addressOf(server: Server): AddressInfo {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the fixture has no port')
  return address
}

/** A reply with this JSON value as its body. */
export function jsonReply(value: unknown, status = 200): Reply {
  return { status, type: 'application/json', body: JSON.stringify(value) }
}

function parse(text: string): Message | undefined {
  try {
    return messageSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

function answer(message: Message | undefined, tools: readonly object[]): Reply {
  const error = (code: number, text: string, status = 200): Reply =>
    jsonReply({ jsonrpc: '2.0', id: message?.id ?? null, error: { code, message: text } }, status)
  const result = (value: object): Reply => jsonReply({ jsonrpc: '2.0', id: message?.id, result: value })
  if (message === undefined) return error(-32700, 'Parse error', 400)
  if (message.id === undefined) return { status: 202, type: 'text/plain', body: '' }
  switch (message.method) {
    case 'initialize':
      return result({
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'fixture', version: '1a2b3c4' }
      })
    case 'tools/list':
      return result({ tools })
    case 'tools/call':
      return call(message.params ?? {}, result, error)
    default:
      return error(-32601, 'Method not found')
  }
}

function call(
  params: Readonly<Record<string, unknown>>,
  result: (value: object) => Reply,
  error: (code: number, text: string) => Reply
): Reply {
  if (params['name'] === 'ping_me') return result({ content: [{ type: 'text', text: 'pong' }] })
  if (params['name'] !== 'add') return error(-32602, 'Unknown tool')
  const args = z.object({ a: z.int(), b: z.int() }).safeParse(params['arguments'])
  if (!args.success)
    return result({ content: [{ type: 'text', text: 'a and b are integers' }], isError: true })
  const sum = args.data.a + args.data.b
  return result({ content: [{ type: 'text', text: String(sum) }], structuredContent: { sum } })
}
