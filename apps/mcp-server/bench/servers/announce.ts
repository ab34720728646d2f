import type { Server } from 'node:http'

/** Listens on a free port of loopback and prints the URL of the endpoint, as all servers of the benchmark do. */
export function announce(server: Server): void {
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    if (address === null || typeof address === 'string') throw new TypeError('the server listens on no port')
    process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${String(address.port)}/mcp` })}\n`)
  })
}
