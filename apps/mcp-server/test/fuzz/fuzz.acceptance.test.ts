import { expect, test } from '@jest/globals'
import { startBuiltServer } from '../built-server.ts'
import { ask } from '../http-client.ts'
import { fuzz } from './fuzz.ts'

test('thousands of made-up requests: no 5xx, nothing of the inside, and the server goes on', async () => {
  await using server = await startBuiltServer({ SESSIONS: 'on' })
  const { requests, statuses, faults } = await fuzz({
    url: server.url,
    seed: 20_260_728,
    milliseconds: 30_000,
    requests: 3000
  })
  expect(faults).toEqual([])
  expect(requests).toBeGreaterThan(500)
  expect(Object.keys(statuses)).toEqual(expect.arrayContaining(['200', '202', '400']))
  expect(await ask(server.url, 'ping')).toEqual({ jsonrpc: '2.0', id: 1, result: {} })
})
