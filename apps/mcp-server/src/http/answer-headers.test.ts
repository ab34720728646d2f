import { expect, test } from '@jest/globals'
import { http, post } from '../../test/http-client.ts'
import { startServer } from '../../test/server.ts'
import { answerHeaders } from './answer-headers.ts'

const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
const preflight = {
  method: 'OPTIONS',
  headers: { Origin: 'https://app.example', 'Access-Control-Request-Method': 'POST' }
}

test('every answer says that it is not to be kept or guessed at', async () => {
  await using server = await startServer()
  const answers = [
    await post(server.url, ping),
    await post(server.url, { jsonrpc: '2.0', method: 'notifications/x' }),
    await http(`${server.url}/mcp`),
    await http(`${server.url}/nowhere`),
    await http(`${server.url}/health`)
  ]
  for (const { headers } of answers) {
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['access-control-allow-origin']).toBeUndefined()
    expect(headers['x-powered-by']).toBeUndefined()
  }
})

test('no page may call where no origin is configured, not even one of this machine', async () => {
  await using server = await startServer()
  const origin = 'http://localhost:6274'
  expect(
    (await post(server.url, ping, { Origin: origin })).headers['access-control-allow-origin']
  ).toBeUndefined()
  const asked = await http(`${server.url}/mcp`, {
    method: 'OPTIONS',
    headers: { ...preflight.headers, Origin: origin }
  })
  expect(asked.status).toBe(405)
})

test('pages of a configured origin may call, and are told what they may send', async () => {
  await using server = await startServer({ allowedOrigins: ['https://app.example'] })
  const asked = await http(`${server.url}/mcp`, preflight)
  expect([asked.status, asked.body]).toEqual([204, ''])
  expect(asked.headers).toMatchObject({
    'access-control-allow-origin': 'https://app.example',
    'access-control-allow-headers': 'Authorization, *',
    'access-control-allow-methods': 'GET, POST, DELETE',
    vary: 'Origin'
  })
  const answer = await post(server.url, ping, { Origin: 'https://app.example' })
  expect(answer.headers['access-control-allow-origin']).toBe('https://app.example')
  expect(answer.headers['access-control-expose-headers']).toContain('WWW-Authenticate')
  const other = await http(`${server.url}/mcp`, {
    ...preflight,
    headers: { ...preflight.headers, Origin: 'https://evil.example' }
  })
  expect(other.status).toBe(403)
})

test('a server that clients reach by https alone says so', () => {
  const headers = answerHeaders({ allowedOrigins: undefined, httpsOnly: true })
  expect(headers.of(undefined).join(': ')).toContain('Strict-Transport-Security: max-age=31536000')
})
