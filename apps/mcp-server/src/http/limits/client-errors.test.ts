import { expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { metricLines, raw } from '../../../test/http-client.ts'
import { startServer } from '../../../test/server.ts'
import { gate } from '../../../test/tools.ts'

const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' })
const call = JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'gate' } })
const head = 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
const request = (body: string) => `${head}Content-Length: ${String(body.length)}\r\n\r\n${body}`
const statuses = (received: string) =>
  [...received.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status)

test('a request that came whole gets its answer, then what follows it and is no HTTP gets 400', async () => {
  await using server = await startServer({ metricsPort: 0 })
  const received = await raw(server.url, `${request(ping)}nonsense\r\n\r\n`)
  expect(statuses(received)).toEqual(['200', '400'])
  expect(received).toContain('"result":{}')
  expect(await metricLines(server.metricsUrl, 'mcp_http_refused_total')).toContain('reason="malformed"} 1')
})

test('so does one whose answer takes its time, and more that cannot be read changes nothing', async () => {
  const { tool, started, release } = gate()
  await using server = await startServer({ metricsPort: 0 }, [tool])
  const answer = raw(server.url, `${request(ping)}${request(call)}nonsense\r\n\r\nmore\r\n\r\n`, {
    milliseconds: 5000
  })
  await started
  await sleep(50)
  release()
  const received = await answer
  expect(statuses(received)).toEqual(['200', '200', '400'])
  expect(received).toContain('"passed":true')
  expect(await metricLines(server.metricsUrl, 'mcp_http_refused_total')).toContain('reason="malformed"} 1')
})

test.each([
  ['Transfer-Encoding beside Content-Length', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'],
  ['Content-Length beside Transfer-Encoding', 'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n'],
  ['two lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n'],
  ['an encoding that is not chunked in the end', 'Transfer-Encoding: chunked, identity\r\n']
])('%s gets 400 and the end of the connection, and nothing after it is read', async (_, lengths) => {
  await using server = await startServer()
  const received = await raw(server.url, `${head}${lengths}\r\n0\r\n\r\n${request(ping)}`)
  expect(statuses(received)).toEqual(['400'])
  expect(received).toContain('Connection: close')
})
