import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { S3Server } from '../../test/s3/server.ts'
import { createHasher } from '../checksums/hasher.ts'
import type { Entry, PhysicalKey } from '../types.ts'
import { openRegistry } from './open-registry.ts'
import { verifyPackage } from './verify.ts'
import type { WritableRegistry } from './writable-registry.ts'

const mebibyte = 1024 * 1024
let server: S3Server
let folder: string
let registry: WritableRegistry

beforeAll(async () => {
  server = await S3Server.start()
})
afterAll(async () => {
  await server.stop()
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3-registry-'))
  server.buckets.create('lab')
  server.buckets.create('other')
  server.buckets.create('plain', { versioned: false })
  registry = open('s3://lab')
})
afterEach(async () => {
  server.log.length = 0
  server.failures.length = 0
  server.checksums = true
  server.conditionalWrites = true
  await rm(folder, { recursive: true })
})

function open(uri: string): WritableRegistry {
  const s3 = {
    endpoint: server.endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1
  }
  return openRegistry(uri, { s3, cacheFolder: join(folder, 'cache') })
}

const bytes = (text: string): Uint8Array => Buffer.from(text)
const object = (bucket: string, key: string): PhysicalKey => ({
  kind: 's3',
  bucket,
  key,
  versionId: undefined
})

function chunked(content: Uint8Array): string {
  const hasher = createHasher('sha2-256-chunked', content.length)
  hasher.update(content)
  return hasher.digest().value
}

async function entryOf(from: WritableRegistry, name: string, key: string): Promise<Entry> {
  const manifest = await from.open(await from.resolve(name))
  const entry = await manifest.entry(key)
  await manifest.close()
  if (entry === undefined) throw new Error(`no entry ${key}`)
  return entry
}

function putManifest(lines: readonly string[]): string {
  const hash = '1'.repeat(64)
  server.buckets.put('lab', `.quilt/packages/${hash}`, ['{"version": "v0"}', ...lines, ''].join('\n'))
  server.buckets.put('lab', '.quilt/named_packages/u/p/latest', hash)
  return hash
}

describe('reading', () => {
  test('gives the bytes of the version that the entry names, whole and in ranges', async () => {
    const builder = registry.newPackage().set('a', bytes('0123456789'))
    await builder.push('u/p')
    const entry = await entryOf(registry, 'u/p', 'a')
    await registry.newPackage().set('a', bytes('other')).push('u/p', { force: true })
    const { size, body } = await registry.read(entry, { offset: 2, length: 3 })
    expect([size, Buffer.concat(await Array.fromAsync(body)).toString()]).toEqual([10, '234'])
  })

  test.each(['file:///etc/passwd', 'FILE:///etc/passwd', 'file://localhost/etc/passwd'])(
    'never opens %s, whatever a manifest says, neither to read nor to push',
    async (url) => {
      putManifest([
        `{"logical_key": "a", "physical_keys": ["${url}"], "size": null, "hash": null, "meta": {}}`
      ])
      const refused = { code: 'local-key-in-remote-registry' }
      await expect(registry.read(await entryOf(registry, 'u/p', 'a'))).rejects.toMatchObject(refused)
      for (const select of ['new', 'all', 'none', 'local'] as const)
        await expect((await registry.patch('u/p')).push('u/p', { select })).rejects.toMatchObject(refused)
      expect(server.buckets.keys('lab').filter((key) => !key.startsWith('.quilt'))).toEqual([])
    }
  )

  test('says that a manifest, a package, a version or a bucket is not there', async () => {
    await expect(registry.open('2'.repeat(64))).rejects.toMatchObject({ code: 'revision-not-found' })
    await expect(registry.resolve('u/none')).rejects.toMatchObject({ code: 'package-not-found' })
    putManifest([
      '{"logical_key": "a", "physical_keys": ["s3://lab/a?versionId=x"], "size": 1, "hash": null, "meta": {}}'
    ])
    await expect(registry.read(await entryOf(registry, 'u/p', 'a'))).rejects.toMatchObject({
      code: 'object-not-found'
    })
    await expect(open('s3://none').packages({ limit: 1 })).rejects.toMatchObject({ code: 'bucket-not-found' })
  })

  test('lists packages one by one whose names differ behind the slash only', async () => {
    for (const name of ['a/b', 'a/b-c', 'a/b/c', 'a/b0'])
      server.buckets.put('lab', `.quilt/named_packages/${name}/latest`, '')
    const all: string[] = []
    for (let after: string | undefined; ;) {
      const page = await registry.packages({ limit: 1, ...(after === undefined ? {} : { after }) })
      all.push(...page.items.map(({ name }) => name))
      after = page.next
      if (after === undefined) break
    }
    expect(all).toEqual(['a/b-c', 'a/b/c', 'a/b', 'a/b0'])
  })

  test('tells pointers of packages that were asked for, which change with the latest revision', async () => {
    const builder = registry.newPackage()
    await builder.push('u/p', { message: '1' })
    const [before] = (await registry.packages({ limit: 10, latest: true })).items
    expect(before?.latest?.modified).toBeInstanceOf(Date)
    await builder.push('u/p', { message: '2' })
    const [after] = (await registry.packages({ limit: 10, latest: true })).items
    expect(after?.latest?.etag).not.toBe(before?.latest?.etag)
    expect((await registry.packages({ limit: 10 })).items).toEqual([{ name: 'u/p' }])
  })

  test('lists thousands of packages page by page, in the order of their names', async () => {
    for (let i = 0; i < 1200; i++)
      for (const pointer of ['1700000000', 'latest'])
        server.buckets.put('lab', `.quilt/named_packages/u/p${String(i).padStart(4, '0')}/${pointer}`, '')
    const all: string[] = []
    let after: string | undefined
    do {
      const page = await registry.packages({ limit: 500, ...(after === undefined ? {} : { after }) })
      all.push(...page.items.map(({ name }) => name))
      after = page.next
    } while (after !== undefined)
    expect(all).toHaveLength(1200)
    expect(all).toEqual([...new Set(all)].sort())
    expect((await registry.packages({ limit: 10, prefix: 'u/p119' })).items).toHaveLength(10)
  })
})

describe('manifests', () => {
  test('are fetched once, but asked for each time, so that who may not read them gets nothing', async () => {
    const { topHash } = await registry.newPackage().set('a', bytes('x')).push('u/p')
    await registry.open(topHash)
    server.log.length = 0
    await registry.open(topHash)
    expect(server.log).toEqual([`HEAD /lab/.quilt/packages/${topHash}`])
    server.failures.push({ status: 403, code: 'AccessDenied' })
    await expect(registry.open(topHash)).rejects.toMatchObject({ code: 'access-denied' })
  })

  test('that were written again are read again', async () => {
    const hash = putManifest([
      '{"logical_key": "a", "physical_keys": ["s3://lab/a"], "size": 1, "hash": null, "meta": {}}'
    ])
    await registry.open(hash)
    putManifest([
      '{"logical_key": "b", "physical_keys": ["s3://lab/b"], "size": 1, "hash": null, "meta": {}}'
    ])
    expect(await (await registry.open(hash)).entry('b')).toBeDefined()
  })

  test('that are gone from the cache are fetched again', async () => {
    const { topHash } = await registry.newPackage().push('u/p')
    await registry.open(topHash)
    for (const name of await readdir(join(folder, 'cache')))
      await rm(join(folder, 'cache', name), { recursive: true })
    expect((await registry.open(topHash)).topHash).toBe(topHash)
  })

  test.each(['one of its bytes', 'its checksum', 'all of it'])(
    'that somebody changed in the cache are fetched again: %s',
    async (what) => {
      const { topHash } = await registry.newPackage().set('a', bytes('123')).push('u/p')
      await registry.open(topHash)
      const cache = join(folder, 'cache')
      const names = (await readdir(cache)).filter((name) => name.startsWith('manifest-'))
      expect(names.toSorted()).toEqual([
        expect.stringMatching(/^manifest-\w+$/),
        expect.stringMatching(/\.sum$/)
      ])
      const [manifest = '', sum = ''] = names.toSorted().map((name) => join(cache, name))
      const text = await readFile(manifest, 'utf8')
      if (what === 'its checksum') await writeFile(sum, '1')
      else
        await writeFile(
          manifest,
          what === 'all of it' ? ' '.repeat(text.length) : text.replace('"size": 3', '"size": 7')
        )
      server.log.length = 0
      const again = await open('s3://lab').open(topHash)
      expect((await again.entry('a'))?.size).toBe(3)
      await open('s3://lab').open(topHash)
      expect(server.log.filter((line) => line.startsWith('GET /lab/.quilt/packages/'))).toHaveLength(1)
    }
  )
})

describe('a push', () => {
  const puts = (): readonly string[] => server.log.filter((line) => line.startsWith('PUT /lab/u/'))

  test('writes data, then the manifest, then the pointer, then latest', async () => {
    const { topHash } = await registry
      .newPackage()
      .set('a', bytes('x'))
      .push('u/p', { now: new Date(1_700_000_000_000) })
    expect(server.log.filter((line) => line.startsWith('PUT'))).toEqual([
      'PUT /lab/u/p/a',
      `PUT /lab/.quilt/packages/${topHash}`,
      'PUT /lab/.quilt/named_packages/u/p/1700000000',
      'PUT /lab/.quilt/named_packages/u/p/latest'
    ])
  })

  test.each([1, 2, 3, 4])('that fails at write %i leaves the old revision the latest', async (failing) => {
    const { topHash } = await registry.newPackage().set('a', bytes('old')).push('u/p')
    const before = server.buckets.contents('lab')
    let writes = 0
    const answer = server.failures
    const next = registry.newPackage().set('a', bytes('new'))
    server.onRequest = (method) => {
      if (method === 'PUT' && ++writes === failing) answer.push({ status: 500, code: 'InternalError' })
    }
    await expect(next.push('u/p', { force: true })).rejects.toMatchObject({ code: 'storage-failed' })
    server.onRequest = undefined
    expect(await registry.resolve('u/p')).toBe(topHash)
    expect(server.buckets.contents('lab')).toMatchObject({
      '.quilt/named_packages/u/p/latest': before['.quilt/named_packages/u/p/latest']
    })
    expect(await Array.fromAsync(verifyPackage(registry, await registry.open(topHash)))).toEqual([])
  })

  test.each([true, false])(
    'at the same time as another gets the conflict, with conditional writes: %s',
    async (conditional) => {
      server.conditionalWrites = conditional
      await registry.newPackage().push('u/p', { message: '0' })
      const builders = [await registry.patch('u/p'), await registry.patch('u/p')]
      await builders[0]?.push('u/p', { message: '1' })
      await expect(builders[1]?.push('u/p', { message: '2' })).rejects.toMatchObject({ code: 'conflict' })
      if (!conditional) return
      const racing = await Promise.all([1, 2, 3].map(() => registry.patch('u/p')))
      const results = await Promise.allSettled(
        racing.map((each, i) => each.push('u/p', { message: `race ${String(i)}` }))
      )
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    }
  )

  test('does not upload again what is there, from 1,024 bytes on', async () => {
    const builder = registry.newPackage()
    const contents = { small: 1023, medium: 1024, large: 9 * mebibyte }
    for (const [key, size] of Object.entries(contents)) {
      await writeFile(join(folder, key), Buffer.alloc(size, key))
      builder.set(key, { file: join(folder, key) })
    }
    await builder.push('u/p')
    const before = await entryOf(registry, 'u/p', 'large')
    server.log.length = 0
    await builder.push('u/p')
    expect(puts()).toEqual(['PUT /lab/u/p/small'])
    expect((await entryOf(registry, 'u/p', 'large')).physicalKey).toEqual(before.physicalKey)
    server.log.length = 0
    await writeFile(join(folder, 'medium'), Buffer.alloc(1024, 'other'))
    await builder.push('u/p')
    expect(puts().toSorted()).toEqual(['PUT /lab/u/p/medium', 'PUT /lab/u/p/small'])
  })

  test('tells what is there by its ETag where the bucket has no checksums', async () => {
    const content = Buffer.alloc(2000, 'x')
    server.buckets.put('lab', 'u/p/same', content)
    server.buckets.put('lab', 'u/p/other', Buffer.alloc(2000, 'y'))
    server.buckets.put('lab', 'u/p/multipart', content, { sha256: `${'A'.repeat(43)}=-1` })
    await registry
      .newPackage()
      .set('same', content)
      .set('other', content)
      .set('multipart', content)
      .push('u/p')
    expect(puts().toSorted()).toEqual(['PUT /lab/u/p/multipart', 'PUT /lab/u/p/other'])
    expect((await entryOf(registry, 'u/p', 'same')).hash?.value).toBe(chunked(content))
  })

  test('copies objects of other buckets without their bytes passing through, and pins their versions', async () => {
    const large = Buffer.alloc(9 * mebibyte, 'z')
    const { versionId } = server.buckets.put('other', 'k ü', 'old')
    server.buckets.put('other', 'k ü', 'new')
    server.buckets.put('other', 'large', large)
    await registry
      .newPackage()
      .set('now', { object: object('other', 'k ü') })
      .set('then', { object: { kind: 's3', bucket: 'other', key: 'k ü', versionId } })
      .set('large', { object: object('other', 'large') })
      .push('u/p')
    expect(server.log.filter((line) => line.startsWith('GET /other'))).toEqual([])
    expect(server.buckets.contents('lab')).toMatchObject({ 'u/p/now': 'new', 'u/p/then': 'old' })
    expect((await entryOf(registry, 'u/p', 'large')).hash?.value).toBe(chunked(large))
    expect(
      await Array.fromAsync(verifyPackage(registry, await registry.open(await registry.resolve('u/p'))))
    ).toEqual([])
  })

  test('takes checksums from S3 where they are there, and reads the bytes where they are not', async () => {
    const content = Buffer.alloc(2000, 'x')
    const other = open('s3://other')
    await other.newPackage().set('with', content).push('o/p')
    server.buckets.put('other', 'without', content)
    server.log.length = 0
    await registry
      .newPackage()
      .set('with', { object: object('other', 'o/p/with') })
      .set('without', { object: object('other', 'without') })
      .push('u/p', { select: 'none' })
    expect(server.log.filter((line) => line.startsWith('GET /other'))).toEqual(['GET /other/without'])
    for (const key of ['with', 'without'])
      expect((await entryOf(registry, 'u/p', key)).hash?.value).toBe(chunked(content))
  })

  test('reads what it copied where the server gives no checksums', async () => {
    server.checksums = false
    server.buckets.put('other', 'a', 'content')
    await registry
      .newPackage()
      .set('a', { object: object('other', 'a') })
      .push('u/p')
    expect((await entryOf(registry, 'u/p', 'a')).hash?.value).toBe(chunked(Buffer.from('content')))
  })

  test('to a folder that reads from buckets copies the objects there', async () => {
    server.buckets.put('other', 'a', 'content')
    const s3 = { endpoint: server.endpoint, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }
    const local = openRegistry(`file://${folder}/registry`, { s3 })
    const blind = openRegistry(`file://${folder}/registry`)
    const builder = (from: WritableRegistry) => from.newPackage().set('a', { object: object('other', 'a') })
    await builder(local).push('u/p')
    const { body } = await blind.read(await entryOf(blind, 'u/p', 'a'))
    expect(Buffer.concat(await Array.fromAsync(body)).toString()).toBe('content')
    await expect(builder(blind).push('u/q')).rejects.toMatchObject({ code: 'not-supported' })
  })

  test.each([
    ['s3://lab/x#y', ['x/a', 'x/b c/d']],
    ['s3://lab/x//', ['x/a', 'x/b c/d']],
    ['s3://lab/p%20q', ['p q/a', 'p q/b c/d']],
    ['s3://lab', ['a', 'b c/d']]
  ])('joins keys to what the destination %s means', async (destination, keys) => {
    await registry.newPackage().set('a', bytes('1')).set('b c/d', bytes('2')).push('u/p', { destination })
    const entries = [await entryOf(registry, 'u/p', 'a'), await entryOf(registry, 'u/p', 'b c/d')]
    expect(entries.map(({ physicalKey }) => 'key' in physicalKey && physicalKey.key)).toEqual(keys)
    for (const [index, entry] of entries.entries())
      expect(Buffer.concat(await Array.fromAsync((await registry.read(entry)).body)).toString()).toBe(
        String(index + 1)
      )
  })

  test('refuses a destination in another bucket before anything else, and where nothing is copied', async () => {
    const builder = registry.newPackage().set('a', { object: object('other', 'none') })
    const refused = { code: 'invalid-destination' }
    const options = { destination: 's3://other/x', select: 'none' } as const
    await expect(builder.push('u/p', options)).rejects.toMatchObject(refused)
    await expect(registry.check(builder, 'u/p', options)).rejects.toMatchObject(refused)
  })

  test('refuses keys of the base that cannot be set, as the Python client does; building keeps them', async () => {
    const hash = putManifest([
      '{"logical_key": "a/../b", "physical_keys": ["s3://lab/a"], "size": 1, "hash": {"type": "SHA256", "value": "x"}, "meta": {}}'
    ])
    const builder = await registry.patch('u/p', hash)
    const refused = { code: 'invalid-logical-key', key: 'a/../b' }
    await expect(builder.push('u/p', { select: 'none', force: true })).rejects.toMatchObject(refused)
    expect((await builder.build('u/q')).written).toBe(true)
  })

  test('refuses destinations that are no place in S3, and objects that are not there', async () => {
    const builder = registry.newPackage().set('a', bytes('x'))
    for (const destination of [
      's3://other/x',
      'file:///tmp/x',
      () => 's3://lab/x?versionId=1',
      () => 'file:///tmp/x'
    ])
      await expect(builder.push('u/p', { destination })).rejects.toMatchObject({
        code: 'invalid-destination'
      })
    const missing = registry.newPackage().set('a', { object: object('other', 'none') })
    await expect(missing.push('u/p')).rejects.toMatchObject({ code: 'object-not-found' })
    await expect(missing.push('u/p', { select: 'none' })).rejects.toMatchObject({ code: 'object-not-found' })
    const local = registry.newPackage().set('a', { object: { kind: 'file', path: '/etc/passwd' } })
    await expect(local.push('u/p')).rejects.toMatchObject({ code: 'local-key-in-remote-registry' })
  })

  test('takes the objects below a prefix', async () => {
    for (const key of ['data/a', 'data/b/c', 'data/', 'data/d/', 'database'])
      server.buckets.put('other', key, key)
    const builder = registry.newPackage()
    expect(
      await builder.addFolder('in', {
        prefix: { kind: 's3', bucket: 'other', key: 'data', versionId: undefined }
      })
    ).toBe(2)
    await builder.push('u/p')
    expect(Object.keys(server.buckets.contents('lab')).filter((key) => key.startsWith('u/'))).toEqual([
      'u/p/in/a',
      'u/p/in/b/c'
    ])
    const versioned = { prefix: { kind: 's3', bucket: 'other', key: 'data', versionId: 'x' } } as const
    await expect(builder.addFolder('', versioned)).rejects.toMatchObject({ code: 'invalid-physical-key' })
  })
})
