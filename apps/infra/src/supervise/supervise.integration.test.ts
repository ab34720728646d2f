import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { readFile, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { withLock } from '@fast-mcp/validation'
import { LocalWorkspace } from '../../test/local-workspace.ts'
import { Proxy } from '../targets/local/haproxy/proxy.ts'
import { supervise } from './supervise.ts'

let workspace: LocalWorkspace
let lines: string[]

beforeEach(async () => {
  workspace = await LocalWorkspace.create()
  lines = []
})

afterEach(async () => {
  await workspace.end()
})

/** Supervises while the work goes on. */
async function supervised(work: () => Promise<void>): Promise<void> {
  const abort = new AbortController()
  const supervising = supervise({
    workspace: workspace.folder,
    target: workspace.target(),
    everyMs: 100,
    signal: abort.signal,
    report: (line) => lines.push(line)
  })
  try {
    await work()
  } finally {
    abort.abort()
    await supervising
  }
}

/** Waits until the deployment is healthy again, ten seconds at most. */
async function untilHealthy(): Promise<void> {
  const end = performance.now() + 10_000
  for (;;) {
    const { state } = await workspace.target().status()
    if (state === 'healthy') return
    if (performance.now() > end) throw new Error(`still ${state}: ${lines.join('\n')}`)
    await sleep(50)
  }
}

describe('supervise', () => {
  test('replaces a task that died and a load balancer that is gone, and the version keeps its proof', async () => {
    await workspace.target().deploy(workspace.request('a'))
    await workspace.target().recordProof('passed')
    await supervised(async () => {
      process.kill(workspace.engine.pids[0] ?? 0, 'SIGKILL')
      await sleep(50)
      await untilHealthy()
      process.kill((await new Proxy(workspace.paths).info())?.pid ?? 0, 'SIGKILL')
      await sleep(50)
      await untilHealthy()
    })
    expect(workspace.engine.pids).toHaveLength(2)
    expect((await workspace.get('/health')).revision).toBe('a'.repeat(40))
    expect(lines.filter((line) => line.startsWith('restored in'))).toHaveLength(2)
    expect(await workspace.target().status()).toMatchObject({ history: [{ proof: 'passed' }] })
  })

  test('waits longer and longer where restoring does not help', async () => {
    await workspace.target().deploy(workspace.request('a'))
    await supervised(async () => {
      workspace.engine.breakWith('unavailable')
      process.kill(workspace.engine.pids[0] ?? 0, 'SIGKILL')
      await sleep(900)
      workspace.engine.breakWith(undefined)
      await untilHealthy()
    })
    expect(lines.join('\n')).toMatch(/engine-unavailable\]\nnext attempt in 200 ms[^]*next attempt in 400 ms/)
  })

  test('goes on after the state was damaged', async () => {
    await workspace.target().deploy(workspace.request('a'))
    const state = await readFile(workspace.paths.state, 'utf8')
    await supervised(async () => {
      await sleep(50)
      await writeFile(workspace.paths.state, '{')
      while (!lines.some((line) => line.includes('[state-invalid]'))) await sleep(20)
      await writeFile(workspace.paths.state, state)
      process.kill(workspace.engine.pids[0] ?? 0, 'SIGKILL')
      await sleep(50)
      await untilHealthy()
    })
  })

  test('leaves the workspace to a pipeline that is at work', async () => {
    await workspace.target().deploy(workspace.request('a'))
    await withLock(workspace.folder, 'make full', async () => {
      const token = process.env['FAST_MCP_LOCK']
      // The supervisor is a process of its own, not one that the pipeline started.
      Reflect.deleteProperty(process.env, 'FAST_MCP_LOCK')
      await supervised(async () => {
        process.kill(workspace.engine.pids[0] ?? 0, 'SIGKILL')
        await sleep(300)
      })
      if (token !== undefined) process.env['FAST_MCP_LOCK'] = token
    })
    expect(lines).toContain('a pipeline is at work here; it is left to it')
    expect(workspace.engine.pids).toHaveLength(1)
  })

  test('of nothing says that nothing is deployed', async () => {
    await expect(supervised(() => Promise.resolve())).rejects.toMatchObject({ code: 'not-deployed' })
  })
})
