import Koa from 'koa'
import { createServer, type IncomingMessage } from 'node:http'
import { announce } from './announce.ts'

// The limit: koa reads a body, parses it and sends JSON of the same size as a tool's answer. `/list` sends what LIST says.

interface Message {
  readonly id?: number
  readonly params?: { readonly arguments?: { readonly text?: string } }
}

const list = process.env['LIST'] ?? ''

const app = new Koa()
app.use(async (ctx) => {
  const { id, params } = JSON.parse(await read(ctx.req)) as Message
  ctx.type = 'application/json'
  if (list !== '') {
    ctx.body = list
    return
  }
  const text = params?.arguments?.text ?? ''
  ctx.body = JSON.stringify({
    jsonrpc: '2.0',
    id,
    result: { content: [{ type: 'text', text }], structuredContent: { text } }
  })
})
const handle = app.callback()
announce(createServer((request, response) => void handle(request, response)))

function read(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        resolve(Buffer.concat(chunks).toString('utf8'))
      })
      .on('error', reject)
  })
}
