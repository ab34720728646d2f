import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { localRegistry } from '@fast-mcp/containers'
import { hasImage, RealWorkspace } from '../../../test/real-workspace.ts'
import { configPath, writeConfigFile } from '../../config-file.ts'
import { prove } from '../../deploy-test/prove.ts'
import { workspaceId } from './deployment-paths.ts'
import { Proxy } from './haproxy/proxy.ts'
import { listTasks } from './tasks/task.ts'

const run = promisify(execFile)
const suite = hasImage ? describe : describe.skip

/* One deployment from its beginning to its end; the tests build on each other. */
suite('the local target with the container engine', () => {
  let workspace: RealWorkspace

  beforeAll(async () => {
    workspace = await RealWorkspace.create()
  })

  afterAll(async () => {
    await workspace.end()
  })

  test('takes the image from the registry to a live endpoint that passes every check of phase deploy', async () => {
    const { outputs } = await workspace.target().deploy(workspace.request)
    await writeConfigFile(join(workspace.folder, configPath), outputs)
    const record = await prove({
      workspace: workspace.folder,
      target: workspace.target(),
      ...workspace.request,
      signal: new AbortController().signal,
      json: true,
      terminal: { write: () => true }
    })
    expect(record.passed).toBe(true)
    expect(record.checks.filter(({ status }) => status === 'passed')).toHaveLength(16)
    expect(await workspace.target().status()).toMatchObject({
      state: 'healthy',
      history: [{ proof: 'passed' }]
    })
  })

  test('does nothing where it runs already', async () => {
    expect(await workspace.target().deploy(workspace.request)).toMatchObject({ changed: false })
  })

  test('rolls out two other descriptions under 300 requests a second without losing one', async () => {
    const before = await workspace.processes()
    const load = await workspace.load()
    await sleep(1000)
    await workspace.target().deploy(workspace.variant('40'))
    await sleep(1000)
    await workspace.target().deploy(workspace.variant('45'))
    await sleep(1000)
    const { sent, failures, streams, seconds } = await load.stop()
    expect(failures).toEqual([])
    expect(streams.failures).toEqual([])
    expect(streams.ended).toBeGreaterThan(1)
    expect(sent).toBeGreaterThan(seconds * 280)
    const after = await workspace.processes()
    expect(after).toHaveLength(2)
    expect(after.filter((pid) => before.includes(pid))).toEqual([])
  })

  test('goes back from a server that refuses to start within 15 s, and shows what it said', async () => {
    const before = await workspace.processes()
    const started = performance.now()
    await expect(workspace.target().deploy(workspace.variant('soon'))).rejects.toMatchObject({
      code: 'rollout-failed',
      evidence: expect.stringContaining('SHUTDOWN_SECONDS is "soon"')
    })
    expect(performance.now() - started).toBeLessThan(15_000)
    // The engine lists tasks of the same second in any order.
    expect([...(await workspace.processes())].sort()).toEqual([...before].sort())
    expect(await workspace.target().status()).toMatchObject({ state: 'healthy' })
  })

  test('sees a task that was killed, and mends it', async () => {
    const [victim = 0, other = 0] = await workspace.processes()
    process.kill(victim, 'SIGKILL')
    await sleep(1000)
    expect(await workspace.target().status()).toMatchObject({ state: 'unhealthy' })
    await workspace.target().deploy(workspace.variant('45'))
    expect(await workspace.processes()).toContain(other)
    expect(await workspace.target().status()).toMatchObject({ state: 'healthy' })
  })

  test('sees a task that the network no longer reaches, and replaces it', async () => {
    const [cut = 0, other = 0] = await workspace.processes()
    const cutOff = await run('nsenter', ['-t', String(cut), '-n', 'ip', 'link', 'set', 'eth0', 'down']).then(
      () => true,
      () => false
    )
    if (!cutOff) {
      console.log('not tried: only root may change the network of a container')
      return
    }
    await workspace.target().deploy(workspace.variant('45'))
    const after = await workspace.processes()
    expect(after).toContain(other)
    expect(after).not.toContain(cut)
    expect(await workspace.target().status()).toMatchObject({ state: 'healthy' })
  })

  test('restores everything after all of it died at once, as after a reboot', async () => {
    const registry = await localRegistry(workspace.folder).status()
    const balancer = await new Proxy(workspace.paths).info()
    const pids = [
      ...(await workspace.processes()),
      balancer?.pid ?? 0,
      (registry.state === 'running' ? registry.pid : undefined) ?? 0
    ]
    for (const pid of pids) process.kill(pid, 'SIGKILL')
    await sleep(300)
    expect(await workspace.target().status()).toMatchObject({
      state: 'unhealthy',
      problems: expect.arrayContaining([
        'the load balancer does not run',
        expect.stringMatching(/^the image registry at .* does not answer$/)
      ])
    })
    await workspace.target().deploy(workspace.variant('45'))
    expect(await workspace.target().status()).toMatchObject({ state: 'healthy' })
    expect(await listTasks(workspace.engine, workspaceId(workspace.folder))).toHaveLength(2)
  })

  test('destroy leaves neither task, load balancer nor registry', async () => {
    const pids = [...(await workspace.processes()), (await new Proxy(workspace.paths).info())?.pid ?? 0]
    expect(await workspace.target().destroy({ all: false })).toHaveLength(4)
    expect(await listTasks(workspace.engine, workspaceId(workspace.folder))).toEqual([])
    expect((await localRegistry(workspace.folder, workspace.engine).status()).state).toBe('stopped')
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    expect(await workspace.target().destroy({ all: false })).toEqual([])
  })
})
