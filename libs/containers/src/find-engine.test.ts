import { describe, expect, test } from '@jest/globals'
import { CodedError } from '@fast-mcp/errors'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inFolder, installScript, installStandIns } from '../test/stand-in.ts'
import type { Engine } from './engine.ts'
import { findEngine } from './find-engine.ts'

/** The search with nothing else on the PATH. */
async function search(folder: string, bin: string, choice?: 'docker' | 'podman') {
  await mkdir(bin, { recursive: true })
  const environment = { variables: { PATH: bin }, policy: undefined }
  return findEngine(folder, { CONTAINER_ENGINE: choice }, { environment })
}

/** An engine that gives its version and then nothing more. */
async function hanging(folder: string): Promise<Engine> {
  const script = '[ "$1" = version ] && echo 5.0.0 && exit; while :; do :; done'
  const bin = await installScript(folder, 'podman', script)
  const environment = { variables: { PATH: bin }, policy: undefined }
  return findEngine(folder, { CONTAINER_ENGINE: 'podman' }, { environment, callLimitMs: 100 })
}

describe('finding a container engine', () => {
  test('docker comes first where its daemon answers', async () => {
    await inFolder(async (folder) => {
      const engine = await search(folder, await installStandIns(folder, ['docker', 'podman']))
      expect([engine.kind, engine.version]).toEqual(['docker', '9.9.9'])
    })
  })

  test('podman where docker has no daemon', async () => {
    await inFolder(async (folder) => {
      await installStandIns(folder, ['podman'])
      const bin = await installScript(folder, 'docker', 'echo "Cannot connect to the daemon" >&2; exit 1')
      expect((await search(folder, bin)).kind).toBe('podman')
    })
  })

  test('podman where docker’s client answers for itself alone', async () => {
    await inFolder(async (folder) => {
      await installStandIns(folder, ['podman'])
      const bin = await installScript(folder, 'docker', 'echo')
      expect((await search(folder, bin)).kind).toBe('podman')
    })
  })

  test('the one that was chosen, though another is there', async () => {
    await inFolder(async (folder) => {
      const bin = await installStandIns(folder, ['docker', 'podman'])
      expect((await search(folder, bin, 'podman')).kind).toBe('podman')
    })
  })

  test('none: what each said, and how to get one', async () => {
    await inFolder(async (folder) => {
      const bin = await installScript(folder, 'docker', 'echo "Cannot connect to the daemon" >&2; exit 1')
      await expect(search(folder, bin)).rejects.toMatchObject({
        code: 'engine-unavailable',
        evidence: 'docker: Cannot connect to the daemon\npodman: not installed',
        remedy: expect.stringContaining('make setup')
      })
    })
  })

  test('one that hangs does not answer', async () => {
    await inFolder(async (folder) => {
      const bin = await installScript(folder, 'podman', 'while :; do :; done')
      const environment = { variables: { PATH: bin }, policy: undefined }
      await expect(findEngine(folder, {}, { environment, limitMs: 100 })).rejects.toMatchObject({
        code: 'engine-unavailable',
        evidence: expect.stringContaining('podman: podman version did not end within 0.1 s')
      })
    })
  })

  test.each([
    ['list', (engine: Engine) => engine.list({ labels: {} })],
    ['inspect', (engine: Engine) => engine.inspect('x')],
    ['exec', (engine: Engine) => engine.exec('x', ['true'])],
    ['logs', (engine: Engine) => engine.logs('x')],
    ['stop', (engine: Engine) => engine.stop('x', 0)],
    ['remove', (engine: Engine) => engine.remove('x')],
    ['imageId', (engine: Engine) => engine.imageId('x')],
    ['run', (engine: Engine) => engine.run({ name: 'x', image: 'x', publish: { containerPort: 1 } })]
  ] as const)('one that hangs after it gave its version is named at %s', async (_, call) => {
    await inFolder(async (folder) => {
      const engine = await hanging(folder)
      await expect(call(engine)).rejects.toMatchObject({
        code: 'engine-unavailable',
        message: expect.stringContaining('did not end within 0.1 s'),
        remedy: expect.stringContaining('Restart podman')
      })
    })
  })

  test('one that hangs at a pull is let go of at an interrupt', async () => {
    await inFolder(async (folder) => {
      const engine = await hanging(folder)
      const reason = new CodedError('aborted', 'enough', { remedy: 'none' })
      const abort = new AbortController()
      const pulled = engine.pull('x', { signal: abort.signal })
      setTimeout(() => {
        abort.abort(reason)
      }, 50)
      await expect(pulled).rejects.toBe(reason)
    })
  })

  test('the chosen one does not answer: no other is taken', async () => {
    await inFolder(async (folder) => {
      const bin = await installStandIns(folder, ['podman'])
      await expect(search(folder, bin, 'docker')).rejects.toMatchObject({
        code: 'engine-unavailable',
        message: expect.stringContaining('CONTAINER_ENGINE is docker'),
        remedy: expect.stringContaining('Start docker, or unset CONTAINER_ENGINE')
      })
    })
  })

  test('it works on the workspace’s store unless another is given', async () => {
    await inFolder(async (folder) => {
      const bin = await installScript(
        folder,
        'podman',
        `echo "$CONTAINERS_STORAGE_CONF" >'${folder}/seen'; echo 5.0.0`
      )
      const before = process.env['PATH']
      process.env['PATH'] = `${bin}:${before ?? ''}`
      try {
        await findEngine(folder, { CONTAINER_ENGINE: 'podman' })
      } finally {
        process.env['PATH'] = before
      }
      const seen = (await readFile(join(folder, 'seen'), 'utf8')).trim()
      const expected = join(folder, '.local', 'containers', 'storage.conf')
      expect(seen).toBe(process.platform === 'linux' ? expected : '')
    })
  })

  test('an interrupt ends it', async () => {
    await inFolder(async (folder) => {
      const bin = await installScript(folder, 'podman', 'exec sleep 30')
      const environment = { variables: { PATH: `${bin}:/usr/bin:/bin` }, policy: undefined }
      const reason = new CodedError('aborted', 'enough', { remedy: 'none' })
      const abort = new AbortController()
      const found = findEngine(folder, { CONTAINER_ENGINE: 'podman' }, { environment, signal: abort.signal })
      setTimeout(() => {
        abort.abort(reason)
      }, 50)
      await expect(found).rejects.toBe(reason)
      const other = AbortSignal.timeout(50)
      const again = findEngine(folder, { CONTAINER_ENGINE: 'podman' }, { environment, signal: other })
      await expect(again).rejects.toMatchObject({ code: 'aborted' })
    })
  })
})
