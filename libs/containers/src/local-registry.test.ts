import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { installScript, installStandIns, writeImage } from '../test/stand-in.ts'
import { findEngine } from './find-engine.ts'
import { imageRegistry } from './image-registry.ts'
import { localRegistry } from './local-registry.ts'

const path = process.env['PATH'] ?? ''
let folder = ''
let state = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'registry-'))
  state = join(folder, '.local', 'registry', 'state.json')
  process.env['PATH'] = `${await installStandIns(folder, ['docker-registry'])}:${path}`
})

afterEach(async () => {
  process.env['PATH'] = `${join(folder, 'bin')}:${path}`
  if (existsSync(state) && (await readFile(state, 'utf8')).includes('"pid"'))
    await localRegistry(folder).stop()
  process.env['PATH'] = path
  await rm(folder, { recursive: true, force: true })
})

async function pidIn(file: string): Promise<{ readonly pid: number }> {
  return z.object({ pid: z.number() }).parse(JSON.parse(await readFile(file, 'utf8')))
}

describe('the registry of a workspace', () => {
  test('starts once, outlives its starter, and keeps its port over a stop', async () => {
    const registry = localRegistry(folder)
    expect(await registry.status()).toEqual({ state: 'stopped', host: undefined })
    const { host } = await registry.start()
    await imageRegistry({ host, insecure: true }).ping()
    const running = await registry.status()
    expect(running).toMatchObject({ state: 'running', host })
    expect(await localRegistry(folder).start()).toEqual({ host })
    expect(await localRegistry(folder).status()).toEqual(running)
    expect(await registry.stop()).toBe(true)
    expect(await registry.stop()).toBe(false)
    expect(await registry.status()).toEqual({ state: 'stopped', host })
    expect(await registry.start()).toEqual({ host })
  })

  test('one that was started and not written down, since its starter was killed, is replaced', async () => {
    const { host } = await localRegistry(folder).start()
    const { pid } = await pidIn(state)
    await writeFile(state, JSON.stringify({ port: Number(host.split(':')[1]) }))
    expect(await localRegistry(folder).start()).toEqual({ host })
    expect((await pidIn(state)).pid).not.toBe(pid)
    expect(existsSync(`/proc/${pid}/cwd/registry.log`)).toBe(false)
  })

  test('one whose state is lost altogether is ended', async () => {
    const { host } = await localRegistry(folder).start()
    await rm(state)
    expect(await localRegistry(folder).stop()).toBe(true)
    await expect(imageRegistry({ host, insecure: true }).ping()).rejects.toMatchObject({
      code: 'registry-unavailable'
    })
    expect(await localRegistry(folder).stop()).toBe(false)
  })

  test('a port that another program took meanwhile is named', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await mkdir(join(folder, '.local', 'registry'), { recursive: true })
    await writeFile(state, JSON.stringify({ port, pid: process.pid }))
    await expect(localRegistry(folder).start()).rejects.toMatchObject({ code: 'port-taken' })
    await new Promise((resolve) => other.close(resolve))
  })

  test('a process that got the number of ours is not taken for it, and not ended', async () => {
    await mkdir(join(folder, '.local', 'registry'), { recursive: true })
    await writeFile(state, JSON.stringify({ port: 1, pid: process.pid }))
    expect(await localRegistry(folder).status()).toEqual({ state: 'stopped', host: '127.0.0.1:1' })
    expect(await localRegistry(folder).stop()).toBe(false)
  })

  test.each(['{', '{"port": 0}'])('a state that cannot be read is named: %s', async (text) => {
    await mkdir(join(folder, '.local', 'registry'), { recursive: true })
    await writeFile(state, text)
    await expect(localRegistry(folder).start()).rejects.toMatchObject({
      code: 'state-invalid',
      evidence: text
    })
  })

  test('one that ends at once is named, with its log', async () => {
    await installScript(folder, 'docker-registry', 'echo "storage is read-only" >&2; exit 1')
    await expect(localRegistry(folder).start()).rejects.toMatchObject({
      code: 'registry-unavailable',
      evidence: expect.stringContaining('storage is read-only')
    })
  })

  test('without a program and without an engine it says how to get one', async () => {
    process.env['PATH'] = '/nowhere'
    await expect(localRegistry(folder).start()).rejects.toMatchObject({ code: 'missing-tool' })
  })

  test('without a program it runs in a container of the engine', async () => {
    // The name under which the image is pulled, given to an image whose server is a registry.
    const bin = await installStandIns(join(folder, 'engine'), ['docker'])
    const environment = { variables: { PATH: `${bin}:${path}` }, policy: undefined }
    const engine = await findEngine(folder, { CONTAINER_ENGINE: 'docker' }, { environment })
    const main = `import { createServer } from 'node:http'
      createServer((request, response) => response.end('{}')).listen(Number(process.env.PORT), process.env.HOST)`
    const archive = join(folder, 'image.tar')
    const files = { 'app/main.js': main, 'app/package.json': '{"type":"module"}' }
    await writeImage(archive, { layers: [{ files }], name: 'registry:2' })
    const id = await engine.load(archive)
    await writeFile(
      join(folder, 'engine', 'store', 'refs.json'),
      JSON.stringify({ 'docker.io/library/registry:2': id })
    )
    process.env['PATH'] = '/nowhere'
    const registry = localRegistry(folder, engine)
    const { host } = await registry.start()
    await imageRegistry({ host, insecure: true }).ping()
    expect(await registry.status()).toEqual({ state: 'running', host, pid: undefined })
    expect(await registry.start()).toEqual({ host })
    expect(await registry.stop()).toBe(true)
    expect(await registry.status()).toEqual({ state: 'stopped', host })
  })
})
