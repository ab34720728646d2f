import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fillRegistry, inFolder, installStandIns, startRegistry, writeImage } from '../test/stand-in.ts'
import { dockerLogin } from './docker-login.ts'
import type { Engine } from './engine.ts'
import { findEngine } from './find-engine.ts'
import { readOciArchive } from './oci-archive.ts'
import { registryCredentials } from './registry-credentials.ts'

/** A server that answers, and ends on SIGTERM with the code in CODE. */
const main = `
import { createServer } from 'node:http'
if (process.argv.includes('--health')) process.exit(3)
const server = createServer((request, response) => response.end(process.env.GREETING + process.env.FROM_IMAGE))
server.listen(Number(process.env.PORT), process.env.HOST, () => { console.log('out'); console.error('err') })
process.on('SIGTERM', () => process.exit(Number(process.env.CODE ?? 0)))
`

test('docker takes the password of a login from its standard input and keeps it in DOCKER_CONFIG', async () => {
  await inFolder(async (folder) => {
    const bin = await installStandIns(folder, ['docker'])
    const variables = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, DOCKER_CONFIG: folder }
    const environment = { variables, policy: undefined }
    const login = {
      registry: 'a.example',
      credentials: { username: 'AWS', password: 'pass:word' },
      environment
    }
    await dockerLogin(login)
    expect(await registryCredentials('a.example', join(folder, 'config.json'))).toEqual(login.credentials)
    expect(await readFile(join(folder, 'calls.log'), 'utf8')).toBe(
      '["docker","login","--username","AWS","--password-stdin","a.example"]\n'
    )
    await writeFile(join(folder, 'fail'), 'login: Error response from daemon: unauthorized\n')
    await expect(dockerLogin(login)).rejects.toMatchObject({ code: 'registry-refused' })
  })
})

describe.each(['podman', 'docker'] as const)('%s', (kind) => {
  let folder = ''
  let archive = ''
  let imageId = ''
  let engine: Engine

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'engine-'))
    const bin = await installStandIns(folder, [kind])
    archive = join(folder, 'image.tar')
    const files = { 'app/main.js': main, 'app/package.json': '{"type":"module"}' }
    await writeImage(archive, {
      layers: [{ files }],
      name: 'quilt-mcp:1',
      environment: ['FROM_IMAGE=!'],
      labels: { image: 'label' }
    })
    ;({ imageId } = await readOciArchive(archive))
    const environment = {
      variables: { PATH: `${bin}:${process.env['PATH'] ?? ''}` },
      policy: join(folder, 'policy.json')
    }
    engine = await findEngine(folder, { CONTAINER_ENGINE: kind }, { environment })
  })

  afterAll(async () => {
    for (const { id } of await engine.list({ labels: {} })) await engine.remove(id)
    await rm(folder, { recursive: true, force: true })
  })

  /** The calls of one command. */
  async function calls(command: string): Promise<readonly (readonly string[])[]> {
    const lines = (await readFile(join(folder, 'calls.log'), 'utf8')).trim().split('\n')
    return lines.map((line): string[] => JSON.parse(line).map(String)).filter(([, name]) => name === command)
  }

  async function refusing<T>(line: string, work: () => Promise<T>): Promise<unknown> {
    await writeFile(join(folder, 'fail'), `${line}\n`)
    try {
      return await work().catch((error: unknown) => error)
    } finally {
      await rm(join(folder, 'fail'))
    }
  }

  test('loads an archive once', async () => {
    expect(await engine.imageId(imageId)).toBeUndefined()
    expect(await engine.load(archive)).toBe(imageId)
    expect(await engine.load(archive)).toBe(imageId)
    const loads = await calls('load')
    expect(loads).toHaveLength(1)
    expect(loads[0]?.includes('--signature-policy')).toBe(kind === 'podman')
  })

  test('runs, shows, reaches, lists, stops and removes a container', async () => {
    await engine.load(archive)
    const labels = { who: 'me', which: 'a' }
    const { id, hostPort } = await engine.run({
      name: 'web',
      image: imageId,
      labels,
      environment: { GREETING: 'hello', CODE: '7' },
      publish: { containerPort: 8000 }
    })
    expect(await answer(hostPort)).toBe('hello!')
    const state = await engine.inspect('web')
    expect(state).toMatchObject({
      id,
      name: 'web',
      state: 'running',
      imageId,
      hostPort,
      exitCode: undefined,
      labels: { ...labels, image: 'label' }
    })
    expect(state?.pid).toBeGreaterThan(1)
    expect(await engine.list({ labels: { who: 'me' } })).toEqual([state])
    expect(await engine.list({ labels: { who: 'you' } })).toEqual([])
    expect(await engine.exec('web', ['node', '/app/main.js', '--health'])).toMatchObject({ exitCode: 3 })
    expect(await engine.logs('web')).toEqual({ stdout: 'out', stderr: 'err' })
    expect(await engine.stop('web', 5)).toBe(7)
    expect(await engine.inspect(id)).toMatchObject({ state: 'exited', exitCode: 7, pid: undefined })
    await engine.remove('web')
    await engine.remove('web')
    expect(await engine.inspect('web')).toBeUndefined()
  })

  test('kills a container', async () => {
    await engine.load(archive)
    const { hostPort } = await engine.run({
      name: 'victim',
      image: imageId,
      publish: { containerPort: 8000 }
    })
    await answer(hostPort)
    await engine.kill('victim')
    const end = Date.now() + 5000
    while ((await engine.inspect('victim'))?.state === 'running' && Date.now() < end) await sleep(10)
    expect(await engine.inspect('victim')).toMatchObject({ state: 'exited', exitCode: 137 })
    await engine.remove('victim')
  })

  test('a host port that is taken is named, and nothing is left behind', async () => {
    await engine.load(archive)
    const server = createServer()
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        resolve(typeof address === 'object' ? (address?.port ?? 0) : 0)
      })
    })
    const publish = { hostPort: port, containerPort: 8000 }
    const running = engine.run({ name: 'blocked', image: imageId, publish })
    await expect(running).rejects.toMatchObject({ code: 'port-taken' })
    expect(await engine.inspect('blocked')).toBeUndefined()
    await new Promise((resolve) => server.close(resolve))
  })

  test('a name that is taken does not cost its holder', async () => {
    await engine.load(archive)
    const options = { name: 'holder', image: imageId, publish: { containerPort: 8000 } }
    const { id } = await engine.run(options)
    await expect(engine.run(options)).rejects.toMatchObject({ code: 'step-failed' })
    expect(await engine.inspect('holder')).toMatchObject({ id, state: 'running' })
    await engine.remove('holder')
  })

  test('pulls by digest, over plain HTTP where it is said', async () => {
    const { manifestDigest } = await readOciArchive(archive)
    await using registry = await startRegistry()
    await fillRegistry(registry, archive, 'team/mcp', '1')
    const reference = `${registry.host}/team/mcp@${manifestDigest}`
    await engine.removeImage(imageId)
    expect(await engine.pull(reference, { insecure: true })).toBe(imageId)
    expect(await engine.imageId(reference)).toBe(imageId)
    const pulls = await calls('pull')
    expect(pulls.every((call) => call.includes('--tls-verify=false') === (kind === 'podman'))).toBe(true)
    const missing = engine.pull(`${registry.host}/quilt-mcp:none`, { insecure: true })
    await expect(missing).rejects.toMatchObject({ code: 'registry-refused' })
  })

  test('removes an image', async () => {
    await engine.load(archive)
    await engine.removeImage(imageId)
    await engine.removeImage(imageId)
    expect(await engine.imageId(imageId)).toBeUndefined()
  })

  test.each([
    ['pull: dial tcp 127.0.0.1:1: connect: connection refused', 'registry-unavailable', 'pull'],
    ['pull: unauthorized: authentication required', 'registry-refused', 'pull'],
    ['load: no space left on device', 'step-failed', 'load'],
    ['image: database is locked', 'step-failed', 'image'],
    ['container: database is locked', 'step-failed', 'inspect'],
    ['ps: database is locked', 'step-failed', 'ps'],
    ['logs: database is locked', 'step-failed', 'logs'],
    ['rm: database is locked', 'step-failed', 'rm'],
    ['stop: database is locked', 'step-failed', 'stop'],
    ['kill: database is locked', 'step-failed', 'kill']
  ])('its refusal keeps its words: %s', async (line, code, command) => {
    await engine.removeImage(imageId)
    const work = {
      pull: () => engine.pull('127.0.0.1:1/x:1'),
      load: () => engine.load(archive),
      image: () => engine.imageId('x'),
      inspect: () => engine.inspect('x'),
      ps: () => engine.list({ labels: { a: 'b' } }),
      logs: () => engine.logs('x'),
      rm: () => engine.remove('x'),
      stop: () => engine.stop('x', 1),
      kill: () => engine.kill('x')
    }[command]
    if (work === undefined) throw new Error(command)
    const error = await refusing(line, async () => work())
    expect(error).toMatchObject({ code, evidence: line.slice(line.indexOf(' ') + 1) })
  })

  test('an image that cannot be removed is said', async () => {
    const error = await refusing('image: image is in use by a container', () => engine.removeImage('x'))
    expect(error).toMatchObject({ code: 'step-failed' })
  })
})

async function answer(port: number): Promise<string> {
  for (;;)
    try {
      return await (await fetch(`http://127.0.0.1:${port}/`)).text()
    } catch {
      await sleep(10)
    }
}
