import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeNodeImage } from '../test/node-image.ts'
import type { Engine } from './engine.ts'
import { engineFolder, isolatedStore, prepareEngine } from './engine-environment.ts'
import { findEngine } from './find-engine.ts'
import { localRegistry } from './local-registry.ts'
import { readOciArchive } from './oci-archive.ts'
import { pushArchive } from './push-archive.ts'
import { removeStore } from './remove-store.ts'
import { removeStoreFolder } from './remove-store-folder.ts'

const program = `
const { createServer } = require('node:http')
const { readFileSync, writeFileSync } = require('node:fs')
const writable = (path) => { try { writeFileSync(path, ''); return true } catch { return false } }
const server = createServer((request, response) => response.end(JSON.stringify({
  user: process.getuid(),
  capabilities: /CapBnd:\\s*(\\w+)/.exec(readFileSync('/proc/1/status', 'utf8'))[1],
  writable: ['/x', '/tmp/x', '/scratch/x'].filter(writable),
  environment: [process.env.FROM_IMAGE, process.env.GREETING]
})))
server.listen(8000, '0.0.0.0', () => { console.log('ready'); console.error('on stderr') })
process.on('SIGTERM', () => process.exit(7))
`

/** What podman keeps has long names; a socket's path may have 107 characters. */
const longName = 'a-workspace-in-a-folder-with-a-name-that-is-rather-long-as-they-are-on-build-machines'

// Where docker is the engine there may be no podman.
const installed = spawnSync('podman', ['--version']).status === 0

;(installed ? describe : describe.skip)('podman itself', () => {
  let top = ''
  let workspace = ''
  let archive = ''
  let engine: Engine

  beforeAll(async () => {
    top = await mkdtemp(join(tmpdir(), 'podman-'))
    workspace = join(top, longName, 'and a space')
    workspace = join(workspace, 'x'.repeat(Math.max(1, 120 - workspace.length)))
    await mkdir(workspace, { recursive: true })
    archive = join(top, 'image.tar')
    await writeNodeImage(archive, program)
    engine = await findEngine(workspace, { CONTAINER_ENGINE: 'podman' })
  })

  afterAll(async () => {
    await localRegistry(workspace).stop()
    // Found anew: the last test has removed its configuration.
    const last = await findEngine(workspace, { CONTAINER_ENGINE: 'podman' })
    for (const { id } of await last.list({ labels: {} })) await last.remove(id)
    await removeStore(workspace, last)
    await rm(top, { recursive: true, force: true })
  })

  test('keeps everything in the workspace, at a path of 120 characters', async () => {
    expect(workspace.length).toBeGreaterThanOrEqual(120)
    expect(await engine.list({ labels: {} })).toEqual([])
    const { imageId } = await readOciArchive(archive)
    expect(await engine.load(archive)).toBe(imageId)
    expect(await engine.imageId(imageId)).toBe(imageId)
    expect(await readdir(engineFolder(workspace))).toEqual(expect.arrayContaining(['run', 'storage', 'tmp']))
  })

  test('runs a container without privileges, within its limits, and stops it in good order', async () => {
    const image = await engine.load(archive)
    const command = ['/bin/node', '/main.js']
    const { id, hostPort } = await engine.run({
      name: 'web',
      image,
      labels: { who: 'me' },
      environment: { GREETING: 'hello there' },
      publish: { containerPort: 8000 },
      user: '1234:1234',
      temporaryFolders: ['/scratch'],
      memoryMiB: 256,
      cpus: 0.5,
      pidsLimit: 64,
      stopTimeoutSeconds: 5,
      command
    })
    expect(await answer(hostPort)).toEqual({
      user: 1234,
      capabilities: '0000000000000000',
      writable: ['/scratch/x'],
      environment: ['yes', 'hello there']
    })
    const state = await engine.inspect('web')
    expect(state).toMatchObject({ id, state: 'running', imageId: image, hostPort, labels: { who: 'me' } })
    expect(await engine.list({ labels: { who: 'me' } })).toEqual([state])
    expect(await engine.exec('web', ['/bin/node', '-e', 'process.exit(4)'])).toMatchObject({ exitCode: 4 })
    expect(await engine.logs('web')).toEqual({ stdout: 'ready', stderr: 'on stderr' })
    const taken = engine.run({ name: 'second', image, command, publish: { hostPort, containerPort: 8000 } })
    await expect(taken).rejects.toMatchObject({ code: 'port-taken' })
    expect(await engine.inspect('second')).toBeUndefined()
    expect(await engine.stop('web', 5)).toBe(7)
    expect(await engine.inspect('web')).toMatchObject({ state: 'exited', exitCode: 7, outOfMemory: false })
    await engine.remove('web')
    expect(await engine.inspect('web')).toBeUndefined()
  })

  test('what skopeo pushes comes back by digest into an empty store', async () => {
    const environment = await prepareEngine(workspace)
    const { host } = await localRegistry(workspace).start()
    const { manifestDigest, imageId } = await readOciArchive(archive)
    const push = { archive, reference: `${host}/team/node:1`, insecure: true, environment }
    expect(await pushArchive(push)).toEqual({ digest: manifestDigest, pushed: true })
    expect(await pushArchive(push)).toEqual({ digest: manifestDigest, pushed: false })
    const folder = join(workspace, '.local', 'apart')
    const apart = await findEngine(
      workspace,
      { CONTAINER_ENGINE: 'podman' },
      { environment: await isolatedStore(environment, folder) }
    )
    expect(await apart.imageId(imageId)).toBeUndefined()
    const reference = `${host}/team/node@${manifestDigest}`
    expect(await apart.pull(reference, { insecure: true })).toBe(imageId)
    const missing = apart.pull(`${host}/team/node@sha256:${'0'.repeat(64)}`, { insecure: true })
    await expect(missing).rejects.toMatchObject({ code: 'registry-refused' })
    await localRegistry(workspace).stop()
    const down = apart.pull(`${host}/team/other@${manifestDigest}`, { insecure: true })
    await expect(down).rejects.toMatchObject({ code: 'registry-unavailable' })
    // As a podman that was interrupted leaves it.
    const storage = join(folder, 'storage', 'overlay')
    if (process.geteuid?.() === 0) spawnSync('mount', ['--bind', storage, storage])
    await removeStoreFolder(folder)
    expect(existsSync(folder)).toBe(false)
  })

  test('its store goes when nothing is in it', async () => {
    expect(await removeStore(workspace, engine)).toBe(true)
  })
})

async function answer(port: number): Promise<unknown> {
  for (const end = Date.now() + 20_000; ;)
    try {
      return await (await fetch(`http://127.0.0.1:${port}/`)).json()
    } catch (error) {
      if (Date.now() > end) throw error
      await sleep(20)
    }
}
