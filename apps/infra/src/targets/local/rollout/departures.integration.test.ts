import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { rm } from 'node:fs/promises'
import { LocalWorkspace } from '../../../../test/local-workspace.ts'
import { readState } from '../state.ts'

let workspace: LocalWorkspace

beforeEach(async () => {
  workspace = await LocalWorkspace.create()
  await workspace.target().deploy(workspace.request('a'))
})

afterEach(async () => {
  await workspace.end()
})

/** Rolls out b and kills one of its tasks as soon as a line is reported. */
async function deployAndKillAt(line: RegExp): Promise<void> {
  const old = workspace.engine.pids
  let killed = false
  await workspace
    .target({
      onLine: (said) => {
        if (killed || !line.test(said)) return
        killed = true
        const pid = workspace.engine.pids.find((candidate) => !old.includes(candidate))
        if (pid !== undefined) process.kill(pid, 'SIGKILL')
      }
    })
    .deploy(workspace.request('b'))
}

describe('a new task that was healthy, got requests and died', () => {
  test('before old ones drain sends the rollout back, and these serve all along', async () => {
    const { pids } = workspace.engine
    const load = workspace.constantLoad()
    await expect(deployAndKillAt(/new tasks serve/)).rejects.toMatchObject({
      code: 'rollout-failed',
      message: expect.stringContaining('was healthy and ended soon after')
    })
    expect((await load.stop()).failures).toEqual([])
    expect(workspace.engine.pids).toEqual(pids)
    expect(await workspace.target().status()).toMatchObject({ state: 'healthy' })
  })

  test('while old ones drain is replaced by the old version, and the other new one serves until then', async () => {
    const load = workspace.constantLoad()
    await expect(deployAndKillAt(/^draining 2/)).rejects.toMatchObject({ code: 'rollout-failed' })
    expect((await load.stop()).failures).toEqual([])
    expect(workspace.lines.at(-1)).toBe('version aaaaaaa still serves, with 2 tasks')
    expect((await workspace.get('/health')).revision).toBe('a'.repeat(40))
    expect(workspace.engine.pids).toHaveLength(2)
    expect(await workspace.target().status()).toMatchObject({ state: 'healthy' })
  })
})

describe('an engine that stops nothing any more', () => {
  test('does not send a new version back that serves, and the next deployment takes away what was left', async () => {
    const { pids } = workspace.engine
    const load = workspace.constantLoad()
    workspace.engine.breakWith('keeps')
    expect(await workspace.target().deploy(workspace.request('b'))).toMatchObject({ changed: true })
    expect((await load.stop()).failures).toEqual([])
    expect((await workspace.get('/health')).revision).toBe('b'.repeat(40))
    expect(workspace.lines.filter((line) => line.includes('could not be taken away'))).toHaveLength(2)
    expect((await readState(workspace.paths.state))?.left).toHaveLength(2)
    expect(await workspace.target().status()).toMatchObject({ state: 'healthy' })

    workspace.engine.breakWith(undefined)
    const serving = workspace.engine.pids.filter((pid) => !pids.includes(pid))
    expect(await workspace.target().deploy(workspace.request('b'))).toMatchObject({ changed: true })
    expect(workspace.engine.pids).toEqual(serving)
    expect((await readState(workspace.paths.state))?.left).toBeUndefined()
    expect(await workspace.target().deploy(workspace.request('b'))).toMatchObject({ changed: false })
  })
})

describe('a state that is lost', () => {
  test('does not end the load balancer under old tasks when a new version fails', async () => {
    await rm(workspace.paths.state)
    const load = workspace.constantLoad()
    await expect(workspace.target().deploy(workspace.request('b', 'crash'))).rejects.toMatchObject({
      code: 'rollout-failed'
    })
    expect((await load.stop()).failures).toEqual([])
    expect((await workspace.get('/health')).revision).toBe('a'.repeat(40))
  })
})
