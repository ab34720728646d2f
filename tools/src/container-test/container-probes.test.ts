import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { CommandResult, Engine, OciArchive } from '@fast-mcp/containers'
import { CodedError } from '@fast-mcp/errors'
import type { EndpointReport, Finding } from '@fast-mcp/validation'
import { createServer, type Server } from 'node:http'
import { containerProbes, preferredPort } from './container-probes.ts'
import { endpointFinding } from './endpoint-finding.ts'
import { startServerContainer, type ServerContainer } from './server-container.ts'

const version = { sha: 'abcdef1', fullSha: 'a'.repeat(40), dirty: false, committedAt: '2026-01-02T03:04:05Z' }
const { signal } = new AbortController()

/** What the stand-in for an engine answers. */
interface Answers {
  user?: string
  status?: string
  writable?: string
  health?: CommandResult
  stdout?: string
  exitCode?: number
  state?: 'running' | 'exited'
  portTaken?: boolean
}

const unprivileged = [
  'Uid:\t1000\t1000\t1000\t1000',
  ...['Inh', 'Prm', 'Eff', 'Bnd', 'Amb'].map((name) => `Cap${name}:\t0000000000000000`),
  'NoNewPrivs:\t1'
].join('\n')

let server: Server
let port = 0
let revision = version.fullSha
let status = 200

beforeEach(async () => {
  revision = version.fullSha
  status = 200
  server = createServer((_, response) => response.writeHead(status).end(JSON.stringify({ revision })))
  port = await new Promise((resolve) => {
    server.listen(0, () => {
      const address = server.address()
      resolve(typeof address === 'object' ? (address?.port ?? 0) : 0)
    })
  })
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function engineWith(answers: Answers): Engine {
  const unused = (): never => {
    throw new Error('not expected')
  }
  const ok = (stdout: string): Promise<CommandResult> => Promise.resolve({ exitCode: 0, stdout, stderr: '' })
  return {
    kind: 'podman',
    version: '0',
    environment: { variables: {}, policy: undefined },
    pull: unused,
    load: unused,
    imageId: unused,
    removeImage: unused,
    kill: unused,
    list: unused,
    run: ({ publish }) =>
      answers.portTaken === true && publish.hostPort !== undefined
        ? Promise.reject(new CodedError('port-taken', 'taken', { remedy: 'x' }))
        : Promise.resolve({ id: 'id', hostPort: port }),
    inspect: () =>
      Promise.resolve({
        id: 'id',
        name: 'n',
        state: answers.state ?? 'running',
        pid: 1,
        exitCode: 9,
        outOfMemory: false,
        startedAt: undefined,
        finishedAt: undefined,
        imageId: '',
        labels: {},
        hostPort: port
      }),
    exec: (_, words) => {
      if (words.includes('--health'))
        return Promise.resolve(answers.health ?? { exitCode: 0, stdout: '', stderr: '' })
      return ok(
        words.join(' ').includes('/proc/1/status')
          ? (answers.status ?? unprivileged)
          : (answers.writable ?? '/tmp\n')
      )
    },
    stop: () => Promise.resolve(answers.exitCode ?? 0),
    remove: () => Promise.resolve(),
    logs: () => Promise.resolve({ stdout: answers.stdout ?? '{"msg":"ready"}\n', stderr: 'warned' })
  }
}

function archiveOf(user: string): OciArchive {
  return {
    path: '',
    manifestDigest: '',
    imageId: '',
    referenceName: undefined,
    layers: [],
    annotations: {},
    storedSize: 0,
    config: {
      architecture: 'amd64',
      os: 'linux',
      created: undefined,
      user,
      labels: {},
      environment: {},
      exposedPorts: [],
      entrypoint: [],
      command: [],
      workingFolder: '/',
      stopSignal: undefined,
      diffIds: []
    }
  }
}

/** What each check but the endpoint's finds. */
async function findings(answers: Answers): Promise<Readonly<Record<string, Finding>>> {
  const engine = engineWith(answers)
  const started: ServerContainer = {
    name: 'n',
    id: 'id',
    port,
    url: `http://127.0.0.1:${String(port)}`,
    healthyMs: 5,
    health: { revision }
  }
  const probes = containerProbes({
    engine,
    version,
    archive: () => Promise.resolve(archiveOf(answers.user ?? '1000:1000')),
    start: () => Promise.resolve(started),
    onEndpoint: () => undefined
  })
  const found: Record<string, Finding> = {}
  for (const [id, probe] of Object.entries(probes))
    if (id !== 'build.endpoint') found[id] = await probe({ signal })
  return found
}

function failed(found: Readonly<Record<string, Finding>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(found).flatMap(([id, finding]) =>
      finding.status === 'failed' ? [[id, finding.evidence]] : []
    )
  )
}

describe('the checks on a container', () => {
  test('pass for one that is right, and say where the port is another', async () => {
    const found = await findings({})
    expect(failed(found)).toEqual({})
    expect(found['build.startup']).toMatchObject({
      evidence: expect.stringContaining(`port ${String(preferredPort)} was taken`)
    })
    expect(found['build.health']).toMatchObject({
      evidence: expect.stringMatching(/^GET http:\/\/localhost:\d+\/health: 200 /)
    })
  })

  test('every one fails where it should, with what was seen', async () => {
    revision = 'b'.repeat(40)
    status = 500
    const found = await findings({
      user: '',
      status: 'Uid:\t0\t0\t0\t0\nCapEff:\t0000000000000400\nNoNewPrivs:\t0',
      writable: '/app\n/tmp\n',
      health: { exitCode: 1, stdout: '', stderr: 'not well' },
      stdout: '{"a":1}\nplain text\n',
      exitCode: 137
    })
    expect(failed(found)).toEqual({
      'build.health': expect.stringMatching(/500/),
      'build.mcp': expect.stringMatching(/500/),
      'build.health-check': 'node /app/main.js --health: exit code 1\nnot well',
      'build.version': `serves ${revision}\nHEAD   ${version.fullSha}`,
      'build.non-root': expect.stringMatching(/image user root, user ids of the process 0/),
      'build.unprivileged': expect.stringMatching(/CapInh.*no new privileges 0; writable \/app, \/tmp/),
      'build.logs': 'not JSON: plain text',
      'build.sigterm': expect.stringMatching(/exit code 137 after \d+ ms\n\{"a":1\}/)
    })
  })

  test('a log with nothing on stdout is none', async () => {
    expect(failed(await findings({ stdout: '' }))).toEqual({ 'build.logs': 'nothing on stdout' })
  })
})

describe('starting a container', () => {
  const options = (answers: Answers, more: object = {}) => ({
    engine: engineWith(answers),
    name: 'n',
    image: 'i',
    timeLimitMs: 5000,
    signal,
    ...more
  })

  test('waits until it is healthy, on the port that is wanted or else on another', async () => {
    for (const portTaken of [false, true])
      expect(await startServerContainer(options({ portTaken }, { preferredPort: 8001 }))).toMatchObject({
        id: 'id',
        port,
        health: { revision }
      })
  })

  test('one that ended is told with its code and its log', async () => {
    status = 503
    await expect(startServerContainer(options({ state: 'exited', stdout: 'why' }))).rejects.toMatchObject({
      code: 'step-failed',
      message: 'the container ended with code 9 before it was healthy',
      evidence: 'why\nwarned'
    })
  })

  test('one that does not become healthy in time is given up', async () => {
    status = 503
    await expect(startServerContainer(options({ stdout: '' }, { timeLimitMs: 100 }))).rejects.toMatchObject({
      code: 'step-failed',
      message: 'the container was not healthy within 0.1 s'
    })
  })

  test('an interrupt ends the waiting', async () => {
    status = 503
    const abort = new AbortController()
    setTimeout(() => {
      abort.abort(new Error('enough'))
    }, 50)
    await expect(startServerContainer(options({}, { signal: abort.signal }))).rejects.toThrow('enough')
  })
})

test('the report of an endpoint that failed names each failed step', () => {
  const step = (passed: boolean) =>
    ({ id: 'x', group: 'tools', title: 'add works', passed, evidence: 'wrong sum', ms: 1 }) as const
  const latency = { count: 2, medianMs: 1, p95Ms: 2, maxMs: 2 }
  const report: EndpointReport = {
    url: 'http://x',
    startedAt: '',
    durationMs: 1,
    passed: false,
    server: undefined,
    toolNames: [],
    tools: [],
    latency,
    steps: [step(true), step(false)]
  }
  expect(endpointFinding(report)).toEqual({ status: 'failed', evidence: 'add works: wrong sum' })
  expect(endpointFinding({ ...report, passed: true, steps: [step(true)] })).toMatchObject({
    status: 'passed'
  })
})
