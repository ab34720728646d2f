import { expect, test } from '@jest/globals'
import { createServer } from 'node:http'
import { listen, urlOf } from './listen.ts'

const options = {
  host: '127.0.0.1',
  port: 0,
  requestTimeoutSeconds: 5,
  maxHeaderBytes: 8192,
  maxConnections: 10
}

test('port 0 gives a free one, and the URL names it', async () => {
  const server = await listen(() => undefined, options)
  expect(urlOf(server)).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  server.close()
})

test('a server on all addresses is reached by loopback', async () => {
  const server = await listen(() => undefined, { ...options, host: '0.0.0.0' })
  expect(urlOf(server)).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  server.close()
})

test('a port in use is an error that names it', async () => {
  const first = await listen(() => undefined, options)
  const port = Number(new URL(urlOf(first)).port)
  await expect(listen(() => undefined, { ...options, port })).rejects.toMatchObject({
    code: 'port-taken',
    message: expect.stringContaining(String(port))
  })
  first.close()
})

test('an address of another machine is an error that names it', async () => {
  await expect(listen(() => undefined, { ...options, host: '192.0.2.1' })).rejects.toMatchObject({
    code: 'invalid-environment',
    message: expect.stringContaining('192.0.2.1')
  })
})

test('a server that does not listen has no URL', () => {
  expect(() => urlOf(createServer())).toThrow('listens on no port')
})
