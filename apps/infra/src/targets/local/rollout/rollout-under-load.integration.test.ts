import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { constantLoad, type LoadResult } from '../../../../test/constant-load.ts'
import { LocalWorkspace } from '../../../../test/local-workspace.ts'

let workspace: LocalWorkspace

beforeEach(async () => {
  workspace = await LocalWorkspace.create()
})

afterEach(async () => {
  await workspace.end()
})

/** 300 requests a second, a tenth of them slow and a tenth of them POST, with ten streams open. */
async function underLoad(work: () => Promise<void>): Promise<LoadResult> {
  const fast = { method: 'GET', path: '/mcp' } as const
  const load = constantLoad({
    port: workspace.port,
    ca: readFileSync(workspace.paths.authority, 'utf8'),
    perSecond: 300,
    requests: [
      ...Array.from({ length: 8 }, () => fast),
      { method: 'GET', path: '/slow' },
      { method: 'POST', path: '/mcp', body: '{}' }
    ],
    streams: {
      count: 10,
      request: { method: 'GET', path: '/events' },
      saysWhy: (text) => text.endsWith('event: end\ndata: the server is stopping\n\n')
    }
  })
  await sleep(500)
  await work()
  await sleep(500)
  return load.stop()
}

/* Not one request may fail and no stream may end without a reason, at 300 requests a second all along. */
describe('under constant load', () => {
  test('three rollouts lose no request and no stream', async () => {
    await workspace.target().deploy(workspace.request('a'))
    const result = await underLoad(async () => {
      for (const digit of ['b', 'c', 'd']) await workspace.target().deploy(workspace.request(digit))
    })
    expect(result.failures).toEqual([])
    expect(result.streams.failures).toEqual([])
    expect(result.streams.ended).toBeGreaterThanOrEqual(30)
    expect(result.sent).toBeGreaterThan(result.seconds * 280)
    expect([...result.revisions].map((revision) => revision[0]).sort()).toEqual(['a', 'b', 'c', 'd'])
  })

  test('a version that answers wrongly, and one that hangs when it is asked, get not one request', async () => {
    await workspace.target().deploy(workspace.request('a'))
    const { pids } = workspace.engine
    const result = await underLoad(async () => {
      for (const [digit, mode] of [
        ['b', 'wrong'],
        ['c', 'mute']
      ] as const)
        await expect(workspace.target().deploy(workspace.request(digit, mode))).rejects.toMatchObject({
          code: 'rollout-failed',
          message: expect.stringMatching(/answers wrongly: GET \/mcp gave (500|0)/)
        })
    })
    expect(result.failures).toEqual([])
    expect(result.streams.failures).toEqual([])
    expect(result.revisions).toEqual(new Set(['a'.repeat(40)]))
    expect(workspace.engine.pids).toEqual(pids)
    expect(await workspace.target().status()).toMatchObject({ state: 'healthy' })
  })

  test('a version that crashes, and the way back from one that serves, lose nothing', async () => {
    await workspace.target().deploy(workspace.request('a'))
    await workspace.target().recordProof('passed')
    await workspace.target().deploy(workspace.request('b'))
    const result = await underLoad(async () => {
      await expect(workspace.target().deploy(workspace.request('c', 'crash'))).rejects.toMatchObject({
        code: 'rollout-failed'
      })
      await workspace.target().rollback()
    })
    expect(result.failures).toEqual([])
    expect(result.streams.failures).toEqual([])
    expect([...result.revisions].map((revision) => revision[0]).sort()).toEqual(['a', 'b'])
  })
})
