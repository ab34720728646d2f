import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installScript, installStandIns, startRegistry, writeImage } from '../test/stand-in.ts'
import type { EngineEnvironment } from './engine-environment.ts'
import { readOciArchive } from './oci-archive.ts'
import { pushArchive } from './push-archive.ts'

let folder = ''
let archive = ''
let environment: EngineEnvironment = { variables: {}, policy: undefined }

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'push-'))
  archive = join(folder, 'image.tar')
  await writeImage(archive, {
    layers: [{ files: { a: 'one' } }, { files: { b: 'two' }, compression: 'gzip' }]
  })
  const bin = await installStandIns(folder, ['skopeo'])
  const PATH = `${bin}:${process.env['PATH'] ?? ''}`
  environment = { variables: { PATH }, policy: join(folder, 'policy.json') }
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('pushing an archive', () => {
  test('the registry gets it as it is; the second time there is nothing to do', async () => {
    await using registry = await startRegistry()
    const { manifestDigest: digest, layers, imageId } = await readOciArchive(archive)
    const options = { archive, reference: `${registry.host}/team/x:1`, insecure: true, environment }
    expect(await pushArchive(options)).toEqual({ digest, pushed: true })
    expect([...registry.blobs.keys()].sort()).toEqual(
      [imageId, ...layers.map((layer) => layer.digest)].sort()
    )
    const before = registry.requests.length
    expect(await pushArchive(options)).toEqual({ digest, pushed: false })
    expect(registry.requests.slice(before)).toEqual(['GET /v2/team/x/manifests/1'])
  })

  test('a tag that points elsewhere is moved', async () => {
    await using registry = await startRegistry()
    const other = join(folder, 'other.tar')
    await writeImage(other, { layers: [{ files: { a: 'other' } }] })
    const options = { reference: `${registry.host}/x:1`, insecure: true, environment }
    await pushArchive({ ...options, archive: other })
    expect(await pushArchive({ ...options, archive })).toMatchObject({ pushed: true })
  })

  test('with the credentials of an auth file', async () => {
    const login = { kind: 'basic', user: 'me', password: 'p' } as const
    await using registry = await startRegistry({ login })
    const authFile = join(folder, 'auth.json')
    const auth = Buffer.from('me:p').toString('base64')
    await writeFile(authFile, JSON.stringify({ auths: { [registry.host]: { auth } } }))
    const options = { archive, reference: `${registry.host}/x:1`, insecure: true, environment }
    await expect(pushArchive(options)).rejects.toMatchObject({ code: 'registry-refused' })
    expect(await pushArchive({ ...options, authFile })).toMatchObject({ pushed: true })
  })

  test('a registry that is down is named', async () => {
    const registry = await startRegistry()
    await registry.close()
    const options = { archive, reference: `${registry.host}/x:1`, insecure: true, environment }
    await expect(pushArchive(options)).rejects.toMatchObject({ code: 'registry-unavailable' })
  })

  test('a damaged archive goes nowhere', async () => {
    await using registry = await startRegistry()
    await writeFile(archive, 'damaged')
    const options = { archive, reference: `${registry.host}/x:1`, insecure: true, environment }
    await expect(pushArchive(options)).rejects.toMatchObject({ code: 'archive-invalid' })
    expect(registry.requests).toEqual([])
  })

  test.each(['x:1', `127.0.0.1:1/x@sha256:${'0'.repeat(64)}`])(
    '%s is no place to push to',
    async (reference) => {
      const pushing = pushArchive({ archive, reference, insecure: true, environment })
      await expect(pushing).rejects.toMatchObject({ code: 'invalid-reference' })
    }
  )

  test('a push that changes nothing is not believed', async () => {
    await using registry = await startRegistry()
    await installScript(folder, 'skopeo', 'exit 0')
    const options = { archive, reference: `${registry.host}/x:1`, insecure: true, environment }
    await expect(pushArchive(options)).rejects.toMatchObject({
      code: 'registry-refused',
      message: expect.stringContaining('not there after the push')
    })
  })

  test('without skopeo it says how to get it', async () => {
    await using registry = await startRegistry()
    const options = {
      archive,
      reference: `${registry.host}/x:1`,
      insecure: true,
      environment: { variables: { PATH: '/nowhere' }, policy: undefined }
    }
    await expect(pushArchive(options)).rejects.toMatchObject({
      code: 'missing-tool',
      remedy: expect.stringContaining('make setup')
    })
  })
})
