import { expect, test } from '@jest/globals'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { probe } from './probe.ts'

async function withServer<T>(listener: RequestListener, use: (port: number) => Promise<T>): Promise<T> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as AddressInfo
  try {
    return await use(address.port)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

test.each(['127.0.0.1', '0.0.0.0'])('a server on %s that answers 200 is well', async (host) => {
  const problem = await withServer(
    (request, response) => response.writeHead(request.url === '/health' ? 200 : 404).end(),
    (port) => probe({ host, port })
  )
  expect(problem).toBeUndefined()
})

test('a server that answers 500 is not, and the reason says so', async () => {
  const problem = await withServer(
    (_, response) => response.writeHead(500).end(),
    (port) => probe({ host: '127.0.0.1', port })
  )
  expect(problem).toBe('/health answered 500')
})

test('no server is not', async () => {
  expect(await probe({ host: '127.0.0.1', port: 1 })).toContain('ECONNREFUSED')
})
