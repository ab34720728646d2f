import { FastMCP } from 'fastmcp'
import { createServer } from 'node:net'
import { z } from 'zod'
import { description, input, toolNames } from './echo-tool.ts'

// fastmcp of npm, without sessions and with JSON answers.

const server = new FastMCP({ name: 'fastmcp', version: '1.0.0' })
for (const name of toolNames)
  server.addTool({
    name,
    description,
    parameters: z.object(input),
    execute: ({ text }) => Promise.resolve(text)
  })

// it tells nobody which port it got, so a free one is looked for first
const probe = createServer()
probe.listen(0, '127.0.0.1', () => {
  const address = probe.address()
  if (address === null || typeof address === 'string') throw new TypeError('no port')
  const { port } = address
  probe.close(() => {
    void server
      .start({
        transportType: 'httpStream',
        httpStream: { port, host: '127.0.0.1', stateless: true, enableJsonResponse: true }
      })
      .then(() =>
        process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${String(port)}/mcp` })}\n`)
      )
  })
})
