import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  findEngine,
  localRegistry,
  prepareEngine,
  pushArchive,
  readOciArchive,
  type Engine
} from '@fast-mcp/containers'
import { readPipelineEnvironment } from '@fast-mcp/validation'
import type { Version } from '@fast-mcp/versioning'
import { writeCatalog } from '../../../test/git-workspace.ts'
import { quickTemplate } from '../../../test/local-workspace.ts'
import { freePort } from '../../../test/process-engine.ts'
import { configPath, writeConfigFile } from '../../config-file.ts'
import { prove } from '../../deploy-test/prove.ts'
import type { DeployRequest } from '../../target.ts'
import { deploymentPaths, workspaceId } from './deployment-paths.ts'
import { Proxy } from './haproxy/proxy.ts'
import { LocalTarget } from './local-target.ts'
import { readState } from './state.ts'
import { listTasks } from './tasks/task.ts'

/** What mcp-server:container made. */
const archive = join(import.meta.dirname, '../../../../../dist/container/quilt-mcp.oci.tar')
const suite = existsSync(archive) ? describe : describe.skip

suite('the local target with the container engine', () => {
  let workspace: string
  let port: number
  let engine: Engine
  let deploy: DeployRequest
  const lines: string[] = []
  let ended = false

  beforeAll(async () => {
    workspace = await mkdtemp(join(tmpdir(), 'local-target-'))
    port = await freePort()
    engine = await findEngine(workspace, {})
    const { host } = await localRegistry(workspace, engine).start()
    const revision = (await readOciArchive(archive)).config.labels['org.opencontainers.image.revision'] ?? ''
    const version: Version = {
      sha: revision.slice(0, 7),
      fullSha: revision,
      dirty: false,
      committedAt: '2026-01-02T03:04:05Z'
    }
    const { digest } = await pushArchive({
      archive,
      reference: `${host}/quilt-mcp:${version.sha}`,
      insecure: true,
      environment: await prepareEngine(workspace),
      signal: new AbortController().signal
    })
    const image = { reference: `${host}/quilt-mcp@${digest}`, digest, insecure: true }
    await writeCatalog(workspace, version, image)
    deploy = { version, image, template: quickTemplate }
  })

  afterAll(async () => {
    ended = true
    await target().destroy({ all: true })
    await rm(workspace, { recursive: true, force: true })
  })

  function target(): LocalTarget {
    return new LocalTarget({
      workspace,
      environment: readPipelineEnvironment({ LOCAL_HTTPS_PORT: String(port) }),
      signal: new AbortController().signal,
      report: (line) => lines.push(line)
    })
  }

  test('takes the image from the registry to a live endpoint that passes every check of phase deploy', async () => {
    const { outputs } = await target().deploy(deploy)
    await writeConfigFile(join(workspace, configPath), outputs)
    const record = await prove({
      workspace,
      target: target(),
      ...deploy,
      signal: new AbortController().signal,
      json: true,
      terminal: { write: () => true }
    })
    expect(record.passed).toBe(true)
    expect(record.checks.filter(({ status }) => status === 'passed')).toHaveLength(16)
    expect(await target().status()).toMatchObject({ state: 'healthy', history: [{ proof: 'passed' }] })
  })

  test('does nothing where it runs already', async () => {
    expect(await target().deploy(deploy)).toMatchObject({ changed: false })
  })

  test('rolls out another description without a lost request', async () => {
    const before = await processes()
    const load = await constantLoad()
    const template = deploy.template.replace(
      '"SHUTDOWN_SECONDS","Value":"50"',
      '"SHUTDOWN_SECONDS","Value":"40"'
    )
    await target().deploy({ ...deploy, template })
    const { answered, failures } = await load.stop()
    expect(failures).toEqual([])
    expect(answered).toBeGreaterThan(100)
    const after = await processes()
    expect(after).toHaveLength(2)
    expect(after.filter((pid) => before.includes(pid))).toEqual([])
  })

  test('goes back from a server that refuses to start, and shows what it said', async () => {
    const before = await processes()
    const template = deploy.template.replace(
      '"SHUTDOWN_SECONDS","Value":"50"',
      '"SHUTDOWN_SECONDS","Value":"soon"'
    )
    await expect(target().deploy({ ...deploy, template })).rejects.toMatchObject({
      code: 'rollout-failed',
      evidence: expect.stringContaining('SHUTDOWN_SECONDS is "soon"')
    })
    expect(await processes()).toEqual(before)
    expect(await target().status()).toMatchObject({ state: 'healthy' })
  })

  test('sees a task that was killed, and mends it', async () => {
    const [victim = 0, other = 0] = await processes()
    process.kill(victim, 'SIGKILL')
    await sleep(1000)
    expect(await target().status()).toMatchObject({ state: 'unhealthy' })
    const template = deploy.template.replace(
      '"SHUTDOWN_SECONDS","Value":"50"',
      '"SHUTDOWN_SECONDS","Value":"40"'
    )
    await target().deploy({ ...deploy, template })
    expect(await processes()).toContain(other)
    expect(await target().status()).toMatchObject({ state: 'healthy' })
  })

  test('destroy leaves neither task, load balancer nor registry', async () => {
    const pids = [...(await processes()), (await new Proxy(deploymentPaths(workspace)).info())?.pid ?? 0]
    expect(await target().destroy({ all: false })).toHaveLength(4)
    expect(await listTasks(engine, workspaceId(workspace))).toEqual([])
    expect((await localRegistry(workspace, engine).status()).state).toBe('stopped')
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    expect(await target().destroy({ all: false })).toEqual([])
  })

  async function processes(): Promise<readonly number[]> {
    const state = await readState(deploymentPaths(workspace).state)
    return (state?.tasks ?? []).map(({ pid }) => pid ?? 0)
  }

  /** Calls tools/list through the load balancer all the time, eight at once. */
  async function constantLoad(): Promise<{ stop: () => Promise<{ answered: number; failures: string[] }> }> {
    const ca = await readFile(deploymentPaths(workspace).authority, 'utf8')
    const agent = new Agent({ keepAlive: true, maxSockets: 8, ca })
    const failures: string[] = []
    let answered = 0
    let running = true
    const clients = Array.from({ length: 8 }, async () => {
      while (running && !ended) {
        await call(agent).then(
          (status) => (status === 200 ? answered++ : failures.push(`status ${status}`)),
          (error: unknown) => failures.push(String(error))
        )
        await sleep(5)
      }
    })
    return {
      stop: async () => {
        running = false
        await Promise.all(clients)
        agent.destroy()
        return { answered, failures }
      }
    }
  }

  function call(agent: Agent): Promise<number | undefined> {
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
    return new Promise((resolve, reject) => {
      const message = request(
        `https://localhost:${port}/mcp`,
        { method: 'POST', agent, headers },
        (response) => {
          response.resume()
          response.on('end', () => {
            resolve(response.statusCode)
          })
        }
      )
      message.on('error', reject)
      message.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }))
    })
  }
})
