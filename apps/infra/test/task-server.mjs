// A stand-in for the server in a container: answers /health and /mcp, logs as it does, and fails in the way MODE says.
import { createServer } from 'node:http'

const { PORT, MODE = 'good', REVISION = 'unknown' } = process.env
if (MODE === 'crash') {
  console.error('cannot open the registry: it is locked')
  process.exit(7)
}
const server = createServer((request, response) => {
  const id = request.headers['x-request-id'] ?? ''
  console.log(JSON.stringify({ http: request.method, path: request.url, requestId: id }))
  const delay = request.url === '/slow' ? 300 : 0
  setTimeout(() => {
    const sick = MODE === 'sick' && request.url === '/health'
    response.statusCode = sick ? 500 : 200
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ status: 'ok', revision: REVISION, pid: process.pid }))
    if (MODE === 'dies') setTimeout(() => process.exit(9), 200)
  }, delay)
})
if (MODE !== 'hang') server.listen(Number(PORT), '127.0.0.1')
else setInterval(() => undefined, 1000)
process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
  if (!server.listening) process.exit(0)
})
