import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { LocalWorkspace, versionOf } from '../../../test/local-workspace.ts'

/* One deployment from its beginning to its end; the tests build on each other. Faults: local-target-faults.integration.test.ts. */

let workspace: LocalWorkspace

beforeAll(async () => {
  workspace = await LocalWorkspace.create()
})

afterAll(async () => {
  await workspace.end()
})

describe('before the first deployment', () => {
  test('there is nothing to show, to go back to or to prove', async () => {
    expect(await workspace.target().status()).toEqual({ state: 'not-deployed', target: 'local' })
    const failure = { code: 'not-deployed', remedy: expect.stringContaining('make deploy') }
    await expect(workspace.target().rollback()).rejects.toMatchObject(failure)
    await expect(workspace.target().recordProof('passed')).rejects.toMatchObject(failure)
  })

  test('a version that crashes leaves nothing running, and its last log lines', async () => {
    await expect(workspace.target().deploy(workspace.request('f', 'crash'))).rejects.toMatchObject({
      code: 'rollout-failed',
      evidence: expect.stringContaining('cannot open the registry: it is locked')
    })
    expect(workspace.engine.containers).toEqual([])
    expect(await workspace.target().status()).toMatchObject({ state: 'not-deployed' })
  })
})

describe('the first deployment', () => {
  test('runs as many tasks as desired behind HTTPS with a certificate of the workspace', async () => {
    const deployment = await workspace.target().deploy(workspace.request('a'))
    expect(deployment).toMatchObject({ changed: true, endpoint: `https://localhost:${workspace.port}/mcp` })
    const answers = await Promise.all(Array.from({ length: 8 }, () => workspace.get('/slow')))
    expect(new Set(answers.map(({ pid }) => pid))).toEqual(new Set(workspace.engine.pids))
    expect(answers.every(({ status, revision }) => status === 200 && revision === 'a'.repeat(40))).toBe(true)
    expect(await workspace.target().status()).toMatchObject({
      state: 'healthy',
      problems: [],
      desiredCount: 2
    })
  })

  test('gives each container what the template says, and labels it', () => {
    expect(workspace.engine.containers).toHaveLength(2)
    expect(workspace.engine.containers[0]).toMatchObject({
      image: `127.0.0.1:5000/quilt-mcp@sha256:${'a'.repeat(64)}`,
      user: '1000:1000',
      readOnly: true,
      temporaryFolders: ['/tmp'],
      capDropAll: true,
      memoryMiB: 1024,
      cpus: 0.5,
      stopTimeoutSeconds: 60,
      publish: { containerPort: 8000 },
      environment: { HOST: '0.0.0.0', PORT: '8000' },
      labels: { 'fast-mcp.version': 'aaaaaaa', 'fast-mcp.revision': 'a'.repeat(40) }
    })
  })

  test('done again does nothing', async () => {
    const { pids } = workspace.engine
    expect(await workspace.target().deploy(workspace.request('a'))).toMatchObject({ changed: false })
    expect(workspace.engine.pids).toEqual(pids)
    expect(workspace.engine.pulled.filter((reference) => reference.includes('aaaa'))).toHaveLength(1)
  })

  test('has no version before it to go back to', async () => {
    await expect(workspace.target().rollback()).rejects.toMatchObject({ code: 'no-previous-version' })
  })
})

describe('the next deployment', () => {
  test('replaces the version without a lost request', async () => {
    const load = workspace.constantLoad()
    await sleep(100)
    await workspace.target().deploy(workspace.request('b'))
    await sleep(100)
    const { sent, failures, revisions } = await load.stop()
    expect(failures).toEqual([])
    expect(sent).toBeGreaterThan(20)
    expect(revisions).toEqual(new Set(['a'.repeat(40), 'b'.repeat(40)]))
    expect(workspace.engine.containers).toHaveLength(2)
  })

  test('keeps the logs of the tasks that are gone', async () => {
    const logs = (await readdir(workspace.paths.logs)).filter((name) => name.includes('aaaaaaa'))
    expect(logs).toHaveLength(2)
    const texts = await Promise.all(logs.map((name) => readFile(`${workspace.paths.logs}/${name}`, 'utf8')))
    expect(texts.join('')).toContain('"path":"/slow"')
  })

  test('that crashes leaves the old version serving, and says so', async () => {
    const { pids } = workspace.engine
    await expect(workspace.target().deploy(workspace.request('c', 'crash'))).rejects.toMatchObject({
      code: 'rollout-failed'
    })
    expect(workspace.engine.pids).toEqual(pids)
    expect(workspace.lines.at(-1)).toBe('version bbbbbbb still serves, with 2 tasks')
    expect((await workspace.get('/health')).revision).toBe('b'.repeat(40))
  })
})

describe('rollback', () => {
  test('to a version that is not in the history names those that are', async () => {
    await expect(workspace.target().rollback('ffff')).rejects.toMatchObject({
      code: 'no-previous-version',
      remedy: 'Name one of: aaaaaaa (checks: none).'
    })
  })

  test('passes over a version that its checks refused', async () => {
    await workspace.target().rollback('aaaa')
    await workspace.target().recordProof('passed')
    await workspace.target().rollback('bbbb')
    await workspace.target().recordProof('failed')
    expect(await workspace.target().rollback()).toMatchObject({ version: versionOf('a'), changed: true })
    expect((await workspace.get('/health')).revision).toBe('a'.repeat(40))
    await expect(workspace.target().rollback()).rejects.toMatchObject({ code: 'no-previous-version' })
  })
})

describe('destroy', () => {
  test('ends everything, keeps the authority, and again finds nothing to do', async () => {
    await writeFile(workspace.paths.dotenv, 'TARGET=local\n')
    const task = expect.stringContaining('task mcp-')
    expect(await workspace.target().destroy({ all: false })).toEqual(['load balancer', task, task])
    expect(workspace.engine.containers).toEqual([])
    await expect(workspace.get('/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(await workspace.target().status()).toEqual({ state: 'not-deployed', target: 'local' })
    expect(await readdir(workspace.folder)).toEqual(['.local'])
    expect(await readFile(workspace.paths.authority, 'utf8')).toContain('BEGIN CERTIFICATE')
    expect(await workspace.target().destroy({ all: false })).toEqual([])
  })

  test('with all leaves nothing behind', async () => {
    await workspace.target().destroy({ all: true })
    expect(await readdir(`${workspace.folder}/.local`)).toEqual([])
  })
})
