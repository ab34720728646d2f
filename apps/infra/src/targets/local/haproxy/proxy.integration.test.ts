import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { freePort } from '../../../../test/process-engine.ts'
import { ensureCertificate } from '../certificate/ensure.ts'
import { deploymentPaths, type DeploymentPaths } from '../deployment-paths.ts'
import { ProxyAdmin } from './admin.ts'
import { proxyConfig, slotNames, type ProxySettings } from './config.ts'
import { findHaproxy, Proxy } from './proxy.ts'

const balancer: ProxySettings['balancer'] = {
  algorithm: 'least_outstanding_requests',
  idleSeconds: 60,
  drainSeconds: 2,
  health: { path: '/health', codes: '200', timeoutSeconds: 2, healthyThreshold: 2, unhealthyThreshold: 2 }
}
const never = new AbortController().signal
const slots = slotNames({
  desiredCount: 1,
  maximumPercent: 200,
  minimumHealthyPercent: 100,
  graceSeconds: 5
}).map((name) => ({ name, port: undefined }))

let folder: string
let paths: DeploymentPaths
let proxy: Proxy
let settings: ProxySettings
const servers: Server[] = []

async function prepare(workspace: string): Promise<void> {
  await mkdir(workspace, { recursive: true })
  paths = deploymentPaths(workspace)
  proxy = new Proxy(paths)
  await ensureCertificate(paths, 'test')
  settings = {
    node: 'test',
    httpsPort: await freePort(),
    socket: paths.proxySocket,
    leaf: paths.leaf,
    balancer
  }
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proxy-'))
  await prepare(folder)
})

afterEach(async () => {
  await proxy.stop()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
  await rm(folder, { recursive: true, force: true })
})

/** Port of an HTTP server that answers with a status, after a time. */
async function task(status: number, ms = 0): Promise<number> {
  const server = createHttpServer((request, response) => {
    setTimeout(
      () => {
        response.statusCode = status
        response.end()
      },
      request.url === '/health' ? 0 : ms
    )
  }).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

describe('Proxy', () => {
  test('starts one HAProxy, keeps it where nothing changed, and ends it', async () => {
    expect(await proxy.info()).toBeUndefined()
    expect(await proxy.ensure(settings, slots)).toBe('started')
    const info = await proxy.info()
    expect(info?.node).toBe('test')
    expect(await new Proxy(paths).ensure(settings, slots)).toBe('kept')
    expect((await proxy.info())?.pid).toBe(info?.pid)
    expect(await proxy.stop()).toBe(true)
    expect(await proxy.info()).toBeUndefined()
    expect(await proxy.stop()).toBe(false)
  })

  test('keeps its admin socket and its certificate to its owner', async () => {
    await proxy.ensure(settings, slots)
    expect((await stat(paths.proxySocket)).mode & 0o077).toBe(0)
    expect((await stat(paths.leaf)).mode & 0o077).toBe(0)
  })

  test('puts the socket elsewhere where the path of the workspace is too long for one', async () => {
    await prepare(join(folder, 'a-folder-with-a-long-name/'.repeat(6)))
    expect(paths.proxySocket.startsWith(paths.folder)).toBe(false)
    expect(await proxy.ensure(settings, slots)).toBe('started')
    expect((await stat(dirname(paths.proxySocket))).mode & 0o077).toBe(0)
    await proxy.stop()
    await rm(dirname(paths.proxySocket), { recursive: true })
  })

  test('works in a workspace whose name has blanks and quotes', async () => {
    await prepare(join(folder, 'it\'s a "work space" # here'))
    expect(await proxy.ensure(settings, slots)).toBe('started')
  })

  test('moves to another port', async () => {
    await proxy.ensure(settings, slots)
    const moved = { ...settings, httpsPort: await freePort() }
    expect(await proxy.ensure(moved, slots)).toBe('reloaded')
    const server = createServer().listen(settings.httpsPort, '127.0.0.1')
    await once(server, 'listening')
    server.close()
  })

  test('is not taken to run with settings with which it could not be reloaded', async () => {
    await proxy.ensure(settings, slots)
    const before = (await proxy.info())?.pid
    const bad = { ...settings, leaf: join(folder, 'nowhere.pem') }
    for (let attempt = 0; attempt < 2; attempt++)
      await expect(proxy.ensure(bad, slots)).rejects.toMatchObject({ code: 'step-failed' })
    expect((await proxy.info())?.pid).toBe(before)
    expect(await proxy.ensure(settings, slots)).toBe('kept')
    expect(await readdir(dirname(paths.proxyConfig))).not.toContain('haproxy.cfg.next')
  })

  test('starts anew where its configuration was lost', async () => {
    await proxy.ensure(settings, slots)
    const before = (await proxy.info())?.pid
    await rm(paths.proxyConfig)
    expect(await proxy.ensure(settings, slots)).toBe('started')
    expect((await proxy.info())?.pid).not.toBe(before)
  })

  test('ends a process whose socket was removed', async () => {
    await proxy.ensure(settings, slots)
    await rm(paths.proxySocket)
    expect(await proxy.info()).toBeUndefined()
    expect(await proxy.stop()).toBe(true)
    expect(await proxy.stop()).toBe(false)
  })

  test('leaves another program alone that has the process id of the past', async () => {
    const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'])
    await once(other, 'spawn')
    try {
      await mkdir(dirname(paths.proxyPid), { recursive: true })
      await writeFile(paths.proxyPid, `${other.pid}\n`)
      expect(await proxy.stop()).toBe(false)
      expect(other.exitCode).toBeNull()
    } finally {
      other.kill('SIGKILL')
    }
  })

  test('shows what HAProxy says where it does not start', async () => {
    await writeFile(paths.leaf, 'no certificate')
    await expect(proxy.ensure(settings, slots)).rejects.toMatchObject({
      code: 'step-failed',
      evidence: expect.stringContaining('localhost.pem')
    })
  })
})

describe('ProxyAdmin', () => {
  test('gives a task requests once its health checks pass, and none after it is drained', async () => {
    await proxy.ensure(settings, slots)
    const port = await task(200)
    await proxy.admin.attach('s1', port, 5000, never)
    expect((await proxy.admin.slots())[0]).toMatchObject({
      name: 's1',
      port,
      status: 'up',
      check: 'L7OK 200'
    })
    expect(await proxy.admin.drain('s1', 1000, never)).toBe(true)
    expect((await proxy.admin.slots())[0]?.status).toBe('drain')
    await proxy.admin.release('s1')
    expect((await proxy.admin.slots())[0]?.status).toBe('maintenance')
  })

  test('takes a task out that fails its health checks', async () => {
    await proxy.ensure(settings, slots)
    const port = await task(200)
    await proxy.admin.attach('s1', port, 5000, never)
    const [server] = servers.splice(0)
    server?.closeAllConnections()
    server?.close()
    const end = Date.now() + 5000
    while ((await proxy.admin.slots())[0]?.status !== 'down' && Date.now() < end)
      await new Promise(setImmediate)
    expect((await proxy.admin.slots())[0]).toMatchObject({
      status: 'down',
      check: expect.stringContaining('L4CON')
    })
  })

  test.each([
    ['that answers 503', () => task(503), 'L7STS'],
    ['that does not listen', freePort, 'L4CON']
  ])('refuses a task %s, with the last check', async (_, port, check) => {
    await proxy.ensure(settings, slots)
    await expect(proxy.admin.attach('s1', await port(), 800, never)).rejects.toMatchObject({
      code: 'rollout-failed',
      message: expect.stringContaining(check)
    })
    expect((await proxy.admin.slots())[0]?.status).not.toBe('up')
  })

  test('says what it does not know', async () => {
    await proxy.ensure(settings, slots)
    await expect(proxy.admin.release('s99')).rejects.toMatchObject({ code: 'step-failed' })
    await expect(proxy.admin.replaceCertificate(paths.leaf, 'nonsense')).rejects.toMatchObject({
      code: 'step-failed'
    })
  })

  test('gives up on a socket that does not answer', async () => {
    const silent = createServer().listen(join(folder, 'silent.sock'))
    await once(silent, 'listening')
    try {
      await expect(new ProxyAdmin(join(folder, 'silent.sock')).info()).rejects.toMatchObject({
        code: 'step-failed',
        message: expect.stringContaining('no answer within 2 s')
      })
    } finally {
      silent.close()
    }
  })

  test('puts a renewed certificate into use without a restart', async () => {
    await proxy.ensure(settings, slots)
    const before = await readFile(paths.leaf, 'utf8')
    await rm(paths.leaf)
    await ensureCertificate(paths, 'test')
    expect(await readFile(paths.leaf, 'utf8')).not.toBe(before)
    await proxy.replaceCertificate(settings)
    expect(await proxy.ensure(settings, slots)).toBe('kept')
  })
})

describe('proxyConfig', () => {
  test('writes slots in use with their port and the others disabled', () => {
    const text = proxyConfig(settings, [
      { name: 's1', port: 4711 },
      { name: 's2', port: undefined }
    ])
    expect(text).toMatch(/^ {4}server s1 127\.0\.0\.1:4711\n {4}server s2 127\.0\.0\.1:9 disabled$/m)
  })

  test('takes path, codes, thresholds, algorithm and limits from the template', () => {
    const text = proxyConfig(
      {
        ...settings,
        balancer: {
          algorithm: 'round_robin',
          idleSeconds: 77,
          drainSeconds: 5,
          health: {
            path: '/up',
            codes: '200-299',
            timeoutSeconds: 3,
            healthyThreshold: 4,
            unhealthyThreshold: 5
          }
        }
      },
      []
    )
    for (const part of [
      'balance roundrobin',
      'timeout server 77s',
      'uri /up ver',
      'expect status 200-299',
      'timeout check 3s',
      'fall 5 rise 4'
    ])
      expect(text).toContain(part)
  })
})

describe('findHaproxy', () => {
  test('takes the first on the PATH', async () => {
    await writeFile(join(folder, 'haproxy'), '#!/bin/sh\n', { mode: 0o755 })
    expect(await findHaproxy(`/nowhere::${folder}`)).toBe(join(folder, 'haproxy'))
  })
})
