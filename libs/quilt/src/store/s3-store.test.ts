import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'

import { expectChecksumsOfFormat } from '../../test/s3/checksums.ts'
import { S3Server } from '../../test/s3/server.ts'
import { listAll } from './object-store.ts'
import { createS3Client } from './s3-client.ts'
import { S3Store } from './s3-store.ts'

const mebibyte = 1024 * 1024
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
let server: S3Server
let client: ReturnType<typeof createS3Client>
let store: S3Store

beforeAll(async () => {
  server = await S3Server.start()
  client = createS3Client({ endpoint: server.endpoint, credentials })
})
afterAll(async () => {
  client.destroy()
  await server.stop()
})
beforeEach(() => {
  server.buckets.create('lab')
  server.buckets.create('plain', { versioned: false })
  store = new S3Store(client, 'lab')
})
afterEach(() => {
  server.conditionalWrites = true
  server.checksums = true
  server.log.length = 0
})

const bytes = (text: string): Uint8Array => Buffer.from(text)
const text = (content: Uint8Array): string => Buffer.from(content).toString()
const keys = ['a b#+é.txt', 'x/ü&<>', "!'()*", 'tab\tnew\nline', '100%', '日本']

describe('objects', () => {
  test.each(keys)('under the key %j are written, read, listed and deleted', async (key) => {
    const put = await store.put(key, bytes('0123456789'))
    expect(put).toMatchObject({ size: 10, versionId: expect.any(String) })
    expect(text(await store.get(key))).toBe('0123456789')
    expect(await store.head(key)).toMatchObject({ key, size: 10, etag: put.etag, checksums: put.checksums })
    expect((await store.list()).items).toMatchObject([{ key, size: 10, etag: put.etag }])
    expect(await store.versions(key)).toMatchObject([
      { versionId: put.versionId, latest: true, deleted: false }
    ])
    await store.delete(key)
    expect(await store.head(key)).toBeUndefined()
    expect(await store.versions(key)).toMatchObject([{ latest: true, deleted: true }, { latest: false }])
    const { versionId } = put
    if (versionId === undefined) throw new Error('no version')
    expect(text(await store.get(key, { versionId }))).toBe('0123456789')
  })

  test('are read in ranges, cut to the size, with the size of the whole', async () => {
    await store.put('a', bytes('0123456789'))
    const read = async (start?: number, end?: number): Promise<string> =>
      text(
        await store.get('a', {
          ...(start === undefined ? {} : { start }),
          ...(end === undefined ? {} : { end })
        })
      )
    expect(await read(2, 5)).toBe('234')
    expect(await read(8)).toBe('89')
    expect(await read(8, 99)).toBe('89')
    expect(await read(undefined, 3)).toBe('012')
    expect(await read(10)).toBe('')
    expect(await read(3, 3)).toBe('')
    expect((await store.read('a', { start: 2, end: 5 })).size).toBe(10)
    expect((await store.read('a', { start: 20 })).size).toBe(10)
    await expect(store.read('a', { start: -1 })).rejects.toMatchObject({ code: 'invalid-range' })
    await expect(store.read('none', { start: 1, end: 1 })).rejects.toMatchObject({ code: 'object-not-found' })
  })

  test('that do not exist are told from buckets that do not', async () => {
    await expect(store.get('none')).rejects.toMatchObject({
      code: 'object-not-found',
      message: 'there is no object s3://lab/none'
    })
    await expect(store.get('none', { versionId: 'x' })).rejects.toMatchObject({ code: 'object-not-found' })
    await expect(new S3Store(client, 'no-such').list()).rejects.toMatchObject({ code: 'bucket-not-found' })
  })

  test('have an address for a time', async () => {
    await store.put('a b', bytes('x'))
    const address = await store.presign('a b', { seconds: 60 })
    expect(address).toContain('X-Amz-Expires=60')
    expect(await (await fetch(address)).text()).toBe('x')
    for (const seconds of [0, 1.5, 604_801])
      await expect(store.presign('a', { seconds })).rejects.toMatchObject({ code: 'invalid-limit' })
  })
})

describe('lists', () => {
  test('come in pages in the order of UTF-8 bytes', async () => {
    for (const key of ['b', 'a/2', 'a/1', 'a!', '\u{10000}', '\uffee']) server.buckets.put('lab', key, '')
    expect(await store.list({ limit: 2 })).toMatchObject({
      items: [{ key: 'a!' }, { key: 'a/1' }],
      next: 'a/1'
    })
    expect((await store.list({ prefix: 'a/', limit: 2 })).next).toBeUndefined()
    const all = await Array.fromAsync(listAll(store), ({ key }) => key)
    expect(all).toEqual(['a!', 'a/1', 'a/2', 'b', '\uffee', '\u{10000}'])
  })

  test('of folders span pages', async () => {
    for (let i = 0; i < 1500; i++) server.buckets.put('lab', `p/${String(i).padStart(4, '0')}/x`, '')
    server.buckets.put('lab', 'p/file', '')
    const folders = await store.folders('p/')
    expect(folders).toHaveLength(1500)
    expect(folders.slice(0, 2)).toEqual(['0000', '0001'])
  })
})

test('some small objects are chosen of the names directly below a prefix', async () => {
  for (const key of ['f/b', 'f/a', 'f/below/c', 'g']) server.buckets.put('lab', key, `content of ${key}`)
  const { chosen, objects } = await store.getSome('f/', (names) => ({ names: [...names, 'none'] }), {
    end: 11
  })
  expect(chosen.names).toEqual(['a', 'b', 'none'])
  expect(objects.map((object) => object && text(object.bytes))).toEqual([
    'content of ',
    'content of ',
    undefined
  ])
  expect(objects[0]?.modified.getTime()).toBeGreaterThan(0)
})

describe('checksums', () => {
  // more sizes are in s3-checksums.integration.test.ts
  test.each([0, 1, 8 * mebibyte + 1])(
    'of an object of %i bytes are those of the format, for bytes, files, streams and copies',
    (size) => expectChecksumsOfFormat(server, store, size)
  )

  test('are left out where the server gives none for a copy', async () => {
    server.checksums = false
    server.buckets.put('plain', 'small', 'x')
    server.buckets.put('plain', 'large', Buffer.alloc(9 * mebibyte))
    expect((await store.copy({ store: 's3://plain', key: 'small' }, 'a')).checksums).toEqual({})
    expect((await store.copy({ store: 's3://plain', key: 'large' }, 'b')).checksums).toEqual({})
  })
})

describe('copies', () => {
  test('come from any bucket and version, not from a folder', async () => {
    const { versionId } = server.buckets.put('lab', 'k ü', 'old')
    server.buckets.put('lab', 'k ü', 'new')
    const plain = new S3Store(client, 'plain')
    expect(
      await plain.copy({ store: 's3://lab', key: 'k ü', versionId: versionId ?? '' }, 'copy')
    ).not.toHaveProperty('versionId')
    expect(text(await plain.get('copy'))).toBe('old')
    await plain.copy({ store: 's3://lab', key: 'k ü' }, 'copy')
    expect(text(await plain.get('copy'))).toBe('new')
    await expect(plain.copy({ store: 's3://lab', key: 'none' }, 'copy')).rejects.toMatchObject({
      code: 'object-not-found'
    })
    await expect(plain.copy({ store: 'file:///x', key: 'y' }, 'copy')).rejects.toMatchObject({
      code: 'not-supported'
    })
  })
})

describe('writes', () => {
  test.each([true, false])(
    'can be made to depend on what is there, with conditional writes: %s',
    async (conditional) => {
      server.conditionalWrites = conditional
      const first = await store.put('a', bytes('1'), { ifMatch: null })
      await expect(store.put('a', bytes('2'), { ifMatch: null })).rejects.toMatchObject({
        code: 'object-changed'
      })
      const second = await store.put('a', bytes('2'), { ifMatch: first.etag })
      await expect(store.put('a', bytes('3'), { ifMatch: first.etag })).rejects.toMatchObject({
        code: 'object-changed'
      })
      await store.put('a', bytes('3'), { ifMatch: second.etag })
      expect(text(await store.get('a'))).toBe('3')
    }
  )

  test('that fail in the middle of an upload leave no parts behind', async () => {
    const stream = (async function* () {
      yield Buffer.alloc(9 * mebibyte)
      throw new Error('the source broke')
    })()
    await expect(store.put('a', { stream, size: 20 * mebibyte })).rejects.toMatchObject({
      code: 'storage-failed'
    })
    expect(server.openUploads).toBe(0)
    expect(await store.head('a')).toBeUndefined()
  })

  test('of a source that is shorter than it said, or is not there, fail', async () => {
    const stream = (async function* () {
      yield Buffer.alloc(9 * mebibyte)
    })()
    await expect(store.put('a', { stream, size: 20 * mebibyte })).rejects.toMatchObject({
      code: 'object-changed'
    })
    await expect(store.put('a', { file: '/no/such/file' })).rejects.toMatchObject({
      code: 'object-not-found'
    })
  })
})

describe('failures', () => {
  test('that may pass are tried again', async () => {
    await store.put('a', bytes('x'))
    server.failures.push({ status: 503, code: 'SlowDown' }, { status: 500, code: 'InternalError' })
    expect(text(await store.get('a'))).toBe('x')
  })

  test('that do not pass are reported after some tries', async () => {
    const impatient = createS3Client({ endpoint: server.endpoint, credentials, maxAttempts: 2 })
    server.failures.push({ status: 503, code: 'SlowDown' }, { status: 503, code: 'SlowDown' })
    await expect(new S3Store(impatient, 'lab').get('a')).rejects.toMatchObject({
      code: 'storage-failed',
      message: 's3://lab/a: S3 answered SlowDown (503)'
    })
    expect(server.log).toHaveLength(2)
    impatient.destroy()
  })

  test('of permission are not tried again', async () => {
    server.failures.push({ status: 403, code: 'AccessDenied' })
    await expect(store.get('a')).rejects.toMatchObject({ code: 'access-denied' })
    expect(server.log).toHaveLength(1)
  })

  test('of the network and of missing credentials are told apart', async () => {
    const nowhere = createS3Client({ endpoint: 'http://127.0.0.1:1', credentials, maxAttempts: 1 })
    await expect(new S3Store(nowhere, 'lab').get('a')).rejects.toMatchObject({ code: 'storage-failed' })
    nowhere.destroy()
    const nobody = createS3Client({
      endpoint: server.endpoint,
      credentials: () =>
        Promise.reject(Object.assign(new Error('none'), { name: 'CredentialsProviderError' }))
    })
    await expect(new S3Store(nobody, 'lab').get('a')).rejects.toMatchObject({ code: 'access-denied' })
    nobody.destroy()
  })

  test.each(['ExpiredToken', 'InvalidToken'])('of credentials with %s say so', async (name) => {
    server.failures.push({ status: 400, code: name })
    await expect(store.get('a')).rejects.toMatchObject({ code: 'credentials-expired' })
  })

  test('there is none without credentials where requests are not signed', async () => {
    const nobody = createS3Client({ endpoint: server.endpoint, anonymous: true })
    server.buckets.put('lab', 'public', 'open to all')
    expect(String(Buffer.from(await new S3Store(nobody, 'lab').get('public')))).toBe('open to all')
    expect(server.authorizations.at(-1)).toBeUndefined()
    nobody.destroy()
  })

  test('an abort ends a request', async () => {
    const abort = new AbortController()
    const reading = store.get('a', { signal: abort.signal })
    abort.abort()
    await expect(reading).rejects.toMatchObject({ code: 'aborted' })
    await expect(store.head('a', { signal: abort.signal })).rejects.toMatchObject({ code: 'aborted' })
  })
})

test('no more than sixteen requests run at once', async () => {
  let running = 0
  let most = 0
  const slow = createS3Client({ endpoint: server.endpoint, credentials })
  slow.middlewareStack.add(
    (next) => async (args) => {
      most = Math.max(most, ++running)
      const result = await next(args)
      running--
      return result
    },
    { step: 'initialize' }
  )
  const busy = new S3Store(slow, 'lab')
  await Promise.all(Array.from({ length: 40 }, (_, i) => busy.put(String(i), bytes('x'))))
  expect(most).toBe(16)
  slow.destroy()
})
