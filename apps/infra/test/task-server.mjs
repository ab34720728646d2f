// A stand-in for the server in a container: answers /health, /mcp and /events, logs as it does, and fails in the way
// MODE says. /events is a stream: an event twice a second, and one that says why it ends.
import { createServer } from 'node:http'

const { PORT, MODE = 'good', REVISION = 'unknown' } = process.env
process.on('exit', (code) => {
  console.log(`exit ${code}`)
})
if (MODE === 'crash') {
  console.error('cannot open the registry: it is locked')
  process.exit(7)
}
const streams = new Set()
const server = createServer((request, response) => {
  const id = request.headers['x-request-id'] ?? ''
  console.log(JSON.stringify({ http: request.method, path: request.url, requestId: id }))
  if (request.url === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: hello\n\n')
    streams.add(response)
    response.on('close', () => streams.delete(response))
    return
  }
  // Healthy, and hangs at every request of a client.
  if (MODE === 'mute' && request.url === '/mcp') return
  const delay = request.url === '/slow' ? 300 : 0
  setTimeout(() => {
    const sick = MODE === 'sick' && request.url === '/health'
    response.statusCode = sick || (MODE === 'wrong' && request.url === '/mcp') ? 500 : 200
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ status: 'ok', revision: REVISION, pid: process.pid }))
    if (MODE === 'dies') setTimeout(() => process.exit(9), 200)
  }, delay)
})
setInterval(() => {
  for (const stream of streams) stream.write('data: tick\n\n')
}, 500).unref()
if (MODE !== 'hang') server.listen(Number(PORT), '127.0.0.1')
else setInterval(() => undefined, 1000)
process.on('SIGTERM', () => {
  for (const stream of streams) stream.end('event: end\ndata: the server is stopping\n\n')
  server.close(() => process.exit(0))
  server.closeIdleConnections()
  if (!server.listening) process.exit(0)
})
