import { expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { http, post } from '../../../test/http-client.ts'
import { startServer } from '../../../test/server.ts'
import { callOf, initialize, openSession } from '../../../test/session.ts'
import { gate } from '../../../test/tools.ts'
import { tool } from '../../tools/tool.ts'

const ping = { jsonrpc: '2.0', id: 5, method: 'ping' }

test('a call in a session is finished while the server stops, and nothing new is begun', async () => {
  const { tool, started, release } = gate()
  await using server = await startServer({ sessionMode: 'on' }, [tool])
  const headers = await openSession(server.url)
  const pending = post(server.url, callOf('gate'), headers)
  await started
  const closed = server.close()
  const statuses = [
    await post(server.url, ping, headers),
    await post(server.url, [ping], headers),
    await initialize(server.url),
    await http(`${server.url}/mcp`, { headers: { ...headers, Accept: 'text/event-stream' } }),
    await post(server.url, { jsonrpc: '2.0', method: 'notifications/initialized' }, headers)
  ].map(({ status }) => status)
  expect(statuses).toEqual([503, 503, 503, 503, 202])
  release()
  expect((await pending).body).toContain('"passed":true')
  expect(await closed).toBe(0)
})

test('the stream of a session ends when the server begins to stop, with the reason', async () => {
  const { tool, started, release } = gate()
  await using server = await startServer({ sessionMode: 'on' }, [tool])
  const headers = await openSession(server.url)
  const stream = http(`${server.url}/mcp`, { headers: { ...headers, Accept: 'text/event-stream' } })
  const pending = post(server.url, callOf('gate'), headers)
  await started
  const closed = server.close()
  expect((await stream).body).toContain('the server is stopping')
  release()
  expect((await pending).body).toContain('"passed":true')
  await closed
})

test('a stream that was resumed after its last message does not hold the server up', async () => {
  await using server = await startServer({ sessionMode: 'on' })
  const headers = await openSession(server.url)
  const { body } = await post(server.url, ping, headers)
  const last = /id: (\S+)\ndata: {/.exec(body)?.[1] ?? ''
  const resumed = http(`${server.url}/mcp`, {
    headers: { ...headers, Accept: 'text/event-stream', 'Last-Event-ID': last }
  })
  await sleep(50)
  const began = performance.now()
  expect(await server.close()).toBe(0)
  expect(performance.now() - began).toBeLessThan(1500)
  expect((await resumed).status).toBe(200)
})

test('a call in a session that takes longer than the grace is told why it has no result', async () => {
  const { tool, started } = gate()
  await using server = await startServer({ sessionMode: 'on', shutdownSeconds: 0 }, [tool])
  const headers = await openSession(server.url)
  const pending = post(server.url, callOf('gate'), headers)
  await started
  // the head of the answer goes out
  await sleep(50)
  expect(await server.close()).toBe(1)
  expect((await pending).body).toContain('Ended: the server is stopping')
})

test('a client that was sent away to come back for its answer still gets it', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<undefined>()
  const slow = tool({
    ...gate().tool,
    input: z.strictObject({}),
    output: z.strictObject({ passed: z.boolean() }),
    examples: [],
    handle: async (_, { session }) => {
      session?.release()
      await released
      return { structured: { passed: true }, line: 'Passed.' }
    }
  })
  await using server = await startServer({ sessionMode: 'on' }, [slow])
  const headers = await openSession(server.url)
  const { body } = await post(server.url, callOf('gate'), headers)
  const last = /id: (\S+)/.exec(body)?.[1] ?? ''
  const closed = server.close()
  await sleep(100)
  const back = http(`${server.url}/mcp`, {
    headers: { ...headers, Accept: 'text/event-stream', 'Last-Event-ID': last }
  })
  await sleep(100)
  release(undefined)
  expect((await back).body).toContain('"passed":true')
  expect(await closed).toBe(0)
})
