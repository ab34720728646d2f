import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { colorsFor } from '@fast-mcp/validation'
import { commit, initRepository, writeCatalog } from '../../test/git-workspace.ts'
import { LocalWorkspace } from '../../test/local-workspace.ts'
import { configPath, writeConfigFile } from '../config-file.ts'
import type { DeployRequest } from '../target.ts'
import { age, formatStatus } from './format.ts'
import { exitCodes, gatherStatus, type Status } from './gather.ts'

let workspace: LocalWorkspace
const plain = colorsFor({ isTTY: false })

beforeAll(async () => {
  workspace = await LocalWorkspace.create()
})

afterAll(async () => {
  await workspace.end()
})

async function deploy(request: DeployRequest): Promise<void> {
  const { outputs } = await workspace.target().deploy(request)
  await writeConfigFile(join(workspace.folder, configPath), outputs)
}

function gather(): Promise<Status> {
  return gatherStatus(workspace.folder, workspace.target())
}

async function text(): Promise<string> {
  return formatStatus(await gather(), new Date(), plain)
}

/* One workspace from its beginning; the tests build on each other. */
describe('status', () => {
  test('of nothing says so, even outside a repository, and means exit code 3', async () => {
    const status = await gather()
    expect(status).toMatchObject({ head: undefined, current: false, deployment: { state: 'not-deployed' } })
    expect(exitCodes[status.deployment.state]).toBe(3)
    expect(await text()).toMatch(
      /^not deployed: .*make full\nHEAD {6}no commit\nphases\n {2}app {5}never run\n/
    )
  })

  test('of a healthy deployment shows tasks, load balancer, phases and that HEAD is live', async () => {
    const version = await initRepository(workspace.folder)
    const request = { ...workspace.request('a'), version }
    await writeCatalog(workspace.folder, version, request.image)
    await deploy(request)
    const status = await gather()
    expect(status).toMatchObject({ current: true, deployment: { state: 'healthy' } })
    expect(exitCodes[status.deployment.state]).toBe(0)
    const shown = await text()
    expect(shown).toContain(
      `healthy  ${version.sha} at https://localhost:${workspace.port}/mcp (target local)`
    )
    expect(shown).toMatch(
      /deployed {2}\d+ s ago, checks not run yet; HEAD is live\ntasks {5}2 of 2 healthy\n/
    )
    // no code while the next check runs
    expect(shown.match(/ {2}mcp-\S+ {2}healthy {2}127\.0\.0\.1:\d+ {2}L7OK(?: 200)?/g)).toHaveLength(2)
    expect(shown).toContain('load balancer: HAProxy')
    expect(shown).toContain('traffic   0 requests a second, 0 in all, no errors; nothing answered yet')
    await Promise.all([workspace.get('/health'), workspace.get('/slow'), workspace.get('/slow')])
    expect(await text()).toMatch(
      /traffic {3}\d requests a second, 3 in all, no errors; p50 3\d\d ms, p95 3\d\d ms of the last 3\n/
    )
    expect(shown).toMatch(new RegExp(` {2}catalog passed {2}${version.sha} {2}\\d+ s ago`))
  })

  test('says that HEAD is ahead, and which versions one can go back to', async () => {
    await deploy(workspace.request('b'))
    await workspace.target().recordProof('passed')
    await commit(workspace.folder, 'second')
    expect(await gather()).toMatchObject({ current: false })
    const shown = await text()
    expect(shown).toContain('checks passed; HEAD is not live: make full')
    expect(shown).toMatch(/earlier {3}[0-9a-f]{7} \(\d+ s ago\)/)
  })

  test('without .config means that nothing is deployed, and says what runs all the same', async () => {
    const path = join(workspace.folder, configPath)
    const before = await readFile(path, 'utf8')
    await rm(path)
    const status = await gather()
    expect(exitCodes[status.deployment.state]).toBe(3)
    expect(await text()).toMatch(/^not deployed: \.config is not there, though https:.* runs: make deploy/)
    await writeFile(path, before)
  })

  test('with a .config that names something else says so', async () => {
    const path = join(workspace.folder, configPath)
    const before = await readFile(path, 'utf8')
    await writeFile(path, before.replace(/IMAGE_DIGEST=.*/, 'IMAGE_DIGEST=sha256:0'))
    expect(await gather()).toMatchObject({
      deployment: { state: 'unhealthy', problems: [expect.stringContaining('make deploy writes it again')] }
    })
    await writeFile(path, 'not dotenv at all')
    await expect(gather()).rejects.toMatchObject({ code: 'state-invalid' })
    await writeFile(path, before)
  })

  test('shows a phase whose record is damaged', async () => {
    await writeFile(join(workspace.folder, 'dist/phases/catalog.json'), '{"format"')
    expect(await text()).toContain('  catalog its record cannot be read')
  })

  test('of a deployment with a dead task says what is wrong, and means exit code 1', async () => {
    process.kill(workspace.engine.pids[0] ?? 0, 'SIGKILL')
    await sleep(100)
    const status = await gather()
    expect(exitCodes[status.deployment.state]).toBe(1)
    expect(await text()).toMatch(/^not healthy .*\n {2}! mcp-\S+ has ended\n {2}! 1 of 2 tasks are healthy\n/)
  })
})

describe('age', () => {
  test.each([
    ['2026-01-02T03:04:05Z', '0 s ago'],
    ['2026-01-02T03:04:00Z', '5 s ago'],
    ['2026-01-02T02:59:05Z', '5 min ago'],
    ['2026-01-01T03:04:05Z', '24 h ago'],
    ['2025-12-23T03:04:05Z', '10 days ago'],
    ['2026-01-03T03:04:05Z', '0 s ago']
  ])('of %s is %s', (iso, expected) => {
    expect(age(iso, new Date('2026-01-02T03:04:05Z'))).toBe(expected)
  })
})
