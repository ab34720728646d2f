import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { LocalWorkspace, quickTemplate as template } from '../../../test/local-workspace.ts'
import { Proxy } from './haproxy/proxy.ts'
import { readState } from './state.ts'

let workspace: LocalWorkspace

beforeEach(async () => {
  workspace = await LocalWorkspace.create()
})

afterEach(async () => {
  await workspace.end()
})

describe('deploy', () => {
  test('starts tasks anew where the template changed', async () => {
    await workspace.target().deploy(workspace.request('a'))
    const { pids } = workspace.engine
    const changed = template.replace('"SHUTDOWN_SECONDS","Value":"50"', '"SHUTDOWN_SECONDS","Value":"40"')
    const deployment = await workspace.target().deploy({ ...workspace.request('a'), template: changed })
    expect(deployment.changed).toBe(true)
    expect(workspace.engine.pids.filter((pid) => pids.includes(pid))).toEqual([])
  })

  test('reloads the load balancer without a lost request where its settings changed', async () => {
    await workspace.target().deploy(workspace.request('a'))
    const load = workspace.constantLoad()
    const changed = template.replace(
      'idle_timeout.timeout_seconds","Value":"60"',
      'idle_timeout.timeout_seconds","Value":"50"'
    )
    expect(changed).not.toBe(template)
    const { pids } = workspace.engine
    await workspace.target().deploy({ ...workspace.request('a'), template: changed })
    await sleep(300)
    expect((await load.stop()).failures).toEqual([])
    expect(workspace.engine.pids).toEqual(pids)
    expect(workspace.lines.join('\n')).toContain('load balancer reloaded')
  })
})

describe('a version that fails', () => {
  test.each([
    ['crash', /ended/],
    ['hang', /is not healthy after 5 s/],
    ['wrong', /answers wrongly: GET \/mcp gave 500/],
    ['dies', /ended soon after/],
    ['sick', /is not healthy after 5 s: GET \/health gave 500, expected 200/]
  ] as const)('because it does %s is taken away, and the old one serves all along', async (mode, reason) => {
    const quick = template.replace('"HealthCheckGracePeriodSeconds":30', '"HealthCheckGracePeriodSeconds":5')
    await workspace.target().deploy({ ...workspace.request('a'), template: quick })
    const { pids } = workspace.engine
    const load = workspace.constantLoad()
    const failure = workspace
      .target({ soakMs: 1500 })
      .deploy({ ...workspace.request('b', mode), template: quick })
    await expect(failure).rejects.toMatchObject({
      code: 'rollout-failed',
      message: expect.stringMatching(reason),
      evidence: expect.stringContaining('mcp-')
    })
    const { failures, revisions } = await load.stop()
    expect(failures).toEqual([])
    expect(revisions).toEqual(new Set(['a'.repeat(40)]))
    expect(workspace.engine.pids).toEqual(pids)
    expect(workspace.lines.at(-1)).toBe('version aaaaaaa still serves, with 2 tasks')
    expect(await workspace.target().status()).toMatchObject({ state: 'healthy' })
  })

  test('as the first one leaves nothing running and nothing deployed', async () => {
    await expect(workspace.target().deploy(workspace.request('b', 'crash'))).rejects.toThrow(
      'did not become healthy'
    )
    expect(workspace.engine.containers).toEqual([])
    expect(await new Proxy(workspace.paths).info()).toBeUndefined()
    expect(await workspace.target().status()).toEqual({ state: 'not-deployed', target: 'local' })
  })

  test('to pull leaves the old one alone', async () => {
    await workspace.target().deploy(workspace.request('a'))
    const request = workspace.request('b')
    workspace.engine.emptyRegistry()
    await expect(workspace.target().deploy(request)).rejects.toMatchObject({ code: 'registry-refused' })
    expect(await workspace.target().status()).toMatchObject({ state: 'healthy' })
  })
})

describe('deploy mends', () => {
  test('a task that was killed', async () => {
    await workspace.target().deploy(workspace.request('a'))
    const [pid = 0, other] = workspace.engine.pids
    process.kill(pid, 'SIGKILL')
    await sleep(100)
    expect(await workspace.target().status()).toMatchObject({
      state: 'unhealthy',
      problems: expect.arrayContaining([expect.stringContaining('has ended'), '1 of 2 tasks are healthy'])
    })
    expect(await workspace.target().deploy(workspace.request('a'))).toMatchObject({ changed: true })
    expect(workspace.engine.pids).toHaveLength(2)
    expect(workspace.engine.pids).toContain(other)
    expect(await workspace.target().status()).toMatchObject({ state: 'healthy' })
  })

  test('a load balancer that was killed, with the same tasks', async () => {
    await workspace.target().deploy(workspace.request('a'))
    const { pids } = workspace.engine
    process.kill((await new Proxy(workspace.paths).info())?.pid ?? 0, 'SIGKILL')
    await sleep(50)
    expect(await workspace.target().status()).toMatchObject({
      state: 'unhealthy',
      problems: expect.arrayContaining(['the load balancer does not run'])
    })
    const before = new Date()
    await workspace.target().deploy(workspace.request('a'))
    const status = await workspace.target().status()
    const changedAt = status.state === 'not-deployed' ? undefined : status.changedAt
    expect(new Date(changedAt ?? 0) >= before).toBe(true)
    expect((await workspace.get('/health')).status).toBe(200)
    expect(workspace.engine.pids).toEqual(pids)
  })

  test('a lost state: running tasks are found by their labels and stay', async () => {
    await workspace.target().deploy(workspace.request('a'))
    const { pids } = workspace.engine
    await rm(workspace.paths.state)
    await workspace.target().deploy(workspace.request('a'))
    expect(workspace.engine.pids).toEqual(pids)
    expect(await workspace.target().status()).toMatchObject({ state: 'healthy' })
  })

  test('a certificate that is damaged, without a restart', async () => {
    await workspace.target().deploy(workspace.request('a'))
    const before = (await new Proxy(workspace.paths).info())?.pid
    await writeFile(workspace.paths.leaf, 'damaged')
    expect(await workspace.target().status()).toMatchObject({
      problems: ['the certificate of the endpoint cannot be read']
    })
    await workspace.target().deploy(workspace.request('a'))
    expect((await workspace.get('/health')).status).toBe(200)
    expect((await new Proxy(workspace.paths).info())?.pid).toBe(before)
  })

  test('a damaged state by saying what to do', async () => {
    await workspace.target().deploy(workspace.request('a'))
    await writeFile(workspace.paths.state, (await readFile(workspace.paths.state, 'utf8')).slice(0, 200))
    const failure = { code: 'state-invalid', remedy: expect.stringContaining('make deploy') }
    await expect(workspace.target().deploy(workspace.request('a'))).rejects.toMatchObject(failure)
    await expect(workspace.target().status()).rejects.toMatchObject(failure)
  })

  test('what an interrupted rollout left', async () => {
    await workspace.target().deploy(workspace.request('a'))
    const abort = new AbortController()
    const interrupted = workspace
      .target({ signal: abort.signal, soakMs: 5000 })
      .deploy(workspace.request('b'))
    setTimeout(() => {
      abort.abort(new Error('interrupted by SIGINT'))
    }, 500)
    await expect(interrupted).rejects.toThrow('interrupted by SIGINT')
    expect(workspace.engine.pids).toHaveLength(2)
    expect((await workspace.get('/health')).revision).toBe('a'.repeat(40))
    await workspace.target().deploy(workspace.request('b'))
    expect((await workspace.get('/health')).revision).toBe('b'.repeat(40))
    expect(workspace.engine.pids).toHaveLength(2)
  })
})

describe('the port', () => {
  test('of another program is refused with its name, before anything is started', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(workspace.port, '127.0.0.1', resolve))
    try {
      await expect(workspace.target().deploy(workspace.request('a'))).rejects.toMatchObject({
        code: 'port-taken',
        message: expect.stringContaining(`in use by process ${process.pid}`),
        remedy: expect.stringContaining('LOCAL_HTTPS_PORT')
      })
      expect(workspace.engine.containers).toEqual([])
    } finally {
      server.close()
    }
  })
})

describe('rollback', () => {
  test('passes over a version that its checks refused, and one that never met them', async () => {
    await workspace.target().deploy(workspace.request('a'))
    await workspace.target().recordProof('passed')
    await workspace.target().deploy(workspace.request('b'))
    await workspace.target().recordProof('failed')
    for (const digit of ['c', 'd']) await workspace.target().deploy(workspace.request(digit))
    expect((await workspace.target().rollback()).version.sha).toBe('aaaaaaa')
  })

  test('goes to a version named by its SHA', async () => {
    for (const digit of ['a', 'b', 'c']) await workspace.target().deploy(workspace.request(digit))
    await workspace.target().rollback('aaaa')
    expect((await workspace.get('/health')).revision).toBe('a'.repeat(40))
    const status = await workspace.target().status()
    expect(
      status.state === 'not-deployed' ? [] : status.history.map(({ version }) => version.sha[0])
    ).toEqual(['a', 'c', 'b'])
  })
})

describe('one commit with two configurations', () => {
  const changed = template.replace('"SHUTDOWN_SECONDS","Value":"50"', '"SHUTDOWN_SECONDS","Value":"40"')
  const live = async (): Promise<string | undefined> =>
    (await readState(workspace.paths.state))?.history[0].description.task.environment['SHUTDOWN_SECONDS']

  test('is rolled back by its SHA to the one that is not live, and restored to the one that is', async () => {
    await workspace.target().deploy(workspace.request('a'))
    await workspace.target().deploy({ ...workspace.request('a'), template: changed })
    process.kill(workspace.engine.pids[0] ?? 0, 'SIGKILL')
    expect(await workspace.target().restore()).toMatchObject({ changed: true })
    expect(await live()).toBe('40')
    await workspace.target().rollback('aaaa')
    expect(await live()).toBe('50')
  })
})

describe('destroy', () => {
  test('with all leaves nothing behind', async () => {
    await workspace.target().deploy(workspace.request('a'))
    await workspace.target().destroy({ all: true })
    expect(await readdir(`${workspace.folder}/.local`)).toEqual([])
  })

  test('removes the containers though their logs cannot be kept', async () => {
    await workspace.target().deploy(workspace.request('a'))
    await rm(workspace.paths.logs, { recursive: true })
    await writeFile(workspace.paths.logs, 'a file in the way')
    expect((await workspace.target().destroy({ all: false })).join()).toContain('which is lost')
    expect(workspace.engine.containers).toEqual([])
  })

  test('works with a damaged state', async () => {
    await workspace.target().deploy(workspace.request('a'))
    await writeFile(workspace.paths.state, '{')
    await workspace.target().destroy({ all: false })
    expect(workspace.engine.containers).toEqual([])
    expect(await workspace.target().status()).toMatchObject({ state: 'not-deployed' })
  })
})
