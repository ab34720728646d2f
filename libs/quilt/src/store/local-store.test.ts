import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { LocalStore } from './local-store.ts'
import { listAll, streamOf } from './object-store.ts'

let folder: string
let root: string
let store: LocalStore

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'local-store-'))
  root = join(folder, 'root')
  await mkdir(root)
  await writeFile(join(folder, 'secret'), 'secret')
  store = new LocalStore(root)
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
const bytes = (content: string): Uint8Array => Buffer.from(content)

async function read(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return text(Buffer.concat(all))
}

describe('objects', () => {
  test('what is put can be read whole, in ranges and as a stream', async () => {
    const put = await store.put('a/b c/é.txt', bytes('0123456789'))
    expect(put).toMatchObject({ size: 10, checksums: {} })
    expect(text(await store.get('a/b c/é.txt'))).toBe('0123456789')
    expect(text(await store.get('a/b c/é.txt', { start: 2, end: 5 }))).toBe('234')
    expect(text(await store.get('a/b c/é.txt', { start: 8, end: 50 }))).toBe('89')
    expect(text(await store.get('a/b c/é.txt', { start: 20 }))).toBe('')
    expect(await read(streamOf(store, 'a/b c/é.txt', { start: 7 }))).toBe('789')
    expect(await store.head('a/b c/é.txt')).toMatchObject({ size: 10, etag: put.etag })
  })

  test('a large file streams through in pieces', async () => {
    const file = join(folder, 'large')
    await writeFile(file, Buffer.alloc(3_000_000, 'x'))
    await store.put('large', { file })
    let size = 0
    const content = await store.read('large')
    for await (const chunk of content.body) size += chunk.length
    expect([content.size, size]).toEqual([3_000_000, 3_000_000])
  })

  test('a missing object has no head, and reading it says where it is missing', async () => {
    expect(await store.head('none')).toBeUndefined()
    await expect(store.get('none')).rejects.toMatchObject({ code: 'object-not-found', key: 'none' })
    await expect(store.read('none')).rejects.toMatchObject({ code: 'object-not-found' })
  })

  test('a folder is no object, and a file is no folder', async () => {
    await store.put('a/b', bytes('x'))
    expect(await store.head('a')).toBeUndefined()
    expect(await store.head('a/b/c')).toBeUndefined()
    await expect(store.put('a', bytes('x'))).rejects.toMatchObject({ code: 'invalid-object-key' })
    await expect(store.put('a/b/c', bytes('x'))).rejects.toMatchObject({ code: 'invalid-object-key' })
  })

  test('a range must be made of positions, the end not before the start', async () => {
    await store.put('a', bytes('x'))
    await expect(store.get('a', { start: -1 })).rejects.toMatchObject({ code: 'invalid-range' })
    await expect(store.get('a', { start: 0.5 })).rejects.toMatchObject({ code: 'invalid-range' })
    await expect(store.get('a', { start: 3, end: 2 })).rejects.toMatchObject({ code: 'invalid-range' })
  })

  test('an object is copied within the store, not from another', async () => {
    await store.put('a', bytes('x'))
    await store.copy({ store: store.uri, key: 'a' }, 'b/c')
    expect(text(await store.get('b/c'))).toBe('x')
    await expect(store.copy({ store: 's3://bucket', key: 'a' }, 'c')).rejects.toMatchObject({
      code: 'not-supported'
    })
    await expect(store.copy({ store: store.uri, key: 'no' }, 'c')).rejects.toMatchObject({
      code: 'object-not-found'
    })
  })

  test('deleting removes the object, and again is no error', async () => {
    await store.put('a/b', bytes('x'))
    await store.delete('a/b')
    await store.delete('a/b')
    await store.delete('no/such/folder')
    expect(await store.head('a/b')).toBeUndefined()
    expect(await store.versions('a/b')).toEqual([])
  })

  test('an object has one version, and no address to hand out', async () => {
    await store.put('a', bytes('xy'))
    expect(await store.versions('a')).toMatchObject([{ size: 2, latest: true, deleted: false }])
    await expect(store.presign('a')).rejects.toMatchObject({ code: 'not-supported' })
  })

  test('a folder that does not exist is an empty store, and the first write makes it', async () => {
    const later = new LocalStore(join(folder, 'later/on'))
    expect(await later.list()).toEqual({ items: [], next: undefined })
    expect(await later.folders('')).toEqual([])
    expect(await later.head('a')).toBeUndefined()
    await later.delete('a')
    await later.put('a', bytes('x'))
    expect(text(await later.get('a'))).toBe('x')
  })

  test('the path of a store must be absolute', () => {
    expect(() => new LocalStore('relative')).toThrow(expect.objectContaining({ code: 'invalid-registry' }))
  })
})

describe('lists', () => {
  test('keys come in the order of their UTF-8 bytes, whatever folders they are in', async () => {
    for (const key of ['a0', 'a b/c', '\u{10000}', 'a/b/c', '\uffee', 'a!', '.quilt/x'])
      await store.put(key, bytes(key))
    const listed: string[] = []
    for await (const { key } of listAll(store)) listed.push(key)
    expect(listed).toEqual(['.quilt/x', 'a b/c', 'a!', 'a/b/c', 'a0', '\uffee', '\u{10000}'])
  })

  test('every page continues behind the one before', async () => {
    for (const key of ['b/1', 'b/2', 'b!']) await store.put(key, bytes(key))
    const first = await store.list({ limit: 1 })
    expect(first).toMatchObject({ items: [{ key: 'b!' }], next: 'b!' })
    const second = await store.list({ limit: 1, after: 'b!' })
    expect(second).toMatchObject({ items: [{ key: 'b/1' }], next: 'b/1' })
    const third = await store.list({ limit: 1, after: 'b/1' })
    expect(third).toMatchObject({ items: [{ key: 'b/2' }], next: undefined })
  })

  test('a prefix may end within a name', async () => {
    for (const key of ['ab/c', 'abd', 'b']) await store.put(key, bytes(key))
    expect((await store.list({ prefix: 'ab' })).items.map(({ key }) => key)).toEqual(['ab/c', 'abd'])
    expect((await store.list({ prefix: 'ab/' })).items.map(({ key }) => key)).toEqual(['ab/c'])
    expect((await store.list({ prefix: 'no/such' })).items).toEqual([])
  })

  test('folders are the names directly below, in order', async () => {
    for (const key of ['p/b/x', 'p/a!/x', 'p/a/x', 'p/file']) await store.put(key, bytes(key))
    expect(await store.folders('p/')).toEqual(['a!', 'a', 'b'])
    expect(await store.folders('none/')).toEqual([])
  })

  test('a write that was killed leaves nothing that is listed', async () => {
    await writeFile(join(root, '.quilt-0123456789abcdef.partial'), 'half')
    expect((await store.list()).items).toEqual([])
  })
})

describe('some small objects of a folder', () => {
  const all = (names: readonly string[]): { names: readonly string[] } => ({ names: names.toSorted() })

  test('are those that are chosen of the names directly in it, each up to a length', async () => {
    for (const key of ['f/b', 'f/a', 'f/below/c', 'g']) await store.put(key, bytes(`content of ${key}`))
    await utimes(join(root, 'f/b'), 1, 1)
    await symlink('../g', join(root, 'f/link'))
    await symlink('nowhere', join(root, 'f/dangling'))
    const given: string[] = []
    const { chosen, objects } = await store.getSome(
      'f/',
      (names) => {
        given.push(...names.toSorted())
        return { names: ['link', 'b', 'dangling', '../g', 'below/c', 'none'], more: 1 }
      },
      { end: 11 }
    )
    expect(given).toEqual(['a', 'b', 'dangling', 'link'])
    expect(chosen.more).toBe(1)
    expect(objects.map((object) => object && text(object.bytes))).toEqual([
      'content of ',
      'content of ',
      ...Array.from({ length: 4 }, () => undefined)
    ])
    expect(objects[1]?.modified).toEqual(new Date(1000))
  })

  test('are found behind links that stay inside, and nowhere else', async () => {
    await store.put('real/file', bytes('x'))
    await symlink('real', join(root, 'folder'))
    await symlink('..', join(root, 'up'))
    await symlink('../../secret', join(root, 'real/out'))
    await symlink(root, join(folder, 'other'))
    const other = new LocalStore(join(folder, 'other'))
    const file = (): { names: readonly string[] } => ({ names: ['file'] })
    for (const [where, prefix] of [
      [store, 'folder/'],
      [other, 'real/'],
      [other, 'folder/']
    ] as const)
      expect((await where.getSome(prefix, file, { end: 9 })).objects).toMatchObject([{ bytes: bytes('x') }])
    for (const prefix of ['up/', 'real/'])
      await expect(store.getSome(prefix, all, { end: 9 })).rejects.toMatchObject({ code: 'outside-root' })
    for (const prefix of ['../', '/', 'a/../real/', ''])
      await expect(store.getSome(prefix, all, { end: 9 })).rejects.toMatchObject({
        code: 'invalid-object-key'
      })
    expect(await store.getSome('none/', all, { end: 9 })).toEqual({ chosen: { names: [] }, objects: [] })
  })
})

describe('nothing leaves the root', () => {
  test.each(['../secret', 'a/../../secret', '/etc/passwd', 'a//b', '.', '', 'a\0b', 'a/./b'])(
    'the key %j is refused for reading, writing, and deleting',
    async (key) => {
      const refused = { code: 'invalid-object-key' }
      await expect(store.get(key)).rejects.toMatchObject(refused)
      await expect(store.put(key, bytes('x'))).rejects.toMatchObject(refused)
      await expect(store.delete(key)).rejects.toMatchObject(refused)
      expect(await readFile(join(folder, 'secret'), 'utf8')).toBe('secret')
    }
  )

  test('a link to a file outside is not read, and writing replaces the link, not its target', async () => {
    await symlink('../secret', join(root, 'link'))
    await expect(store.get('link')).rejects.toMatchObject({ code: 'outside-root', key: 'link' })
    await expect(store.list()).rejects.toMatchObject({ code: 'outside-root' })
    await store.put('link', bytes('mine'))
    expect(await readFile(join(folder, 'secret'), 'utf8')).toBe('secret')
    expect(text(await store.get('link'))).toBe('mine')
  })

  test('a link to a folder outside is neither read, listed, written through nor deleted in', async () => {
    await symlink('..', join(root, 'up'))
    await expect(store.get('up/secret')).rejects.toMatchObject({ code: 'outside-root' })
    await expect(store.put('up/new', bytes('x'))).rejects.toMatchObject({ code: 'outside-root' })
    await expect(store.delete('up/secret')).rejects.toMatchObject({ code: 'outside-root' })
    await expect(store.list({ prefix: 'up/' })).rejects.toMatchObject({ code: 'outside-root' })
    await expect(store.folders('up/')).rejects.toMatchObject({ code: 'outside-root' })
    expect(await readdir(folder)).toEqual(['root', 'secret'])
  })

  test('links that stay inside are followed', async () => {
    await store.put('real/file', bytes('x'))
    await symlink('real', join(root, 'folder'))
    await symlink('real/file', join(root, 'file'))
    expect(text(await store.get('folder/file'))).toBe('x')
    expect(text(await store.get('file'))).toBe('x')
    expect((await store.list()).items.map(({ key }) => key)).toEqual(['file', 'real/file'])
  })

  test('a circle of links ends with an error', async () => {
    await symlink('b', join(root, 'a'))
    await symlink('a', join(root, 'b'))
    await expect(store.get('a')).rejects.toMatchObject({ code: 'outside-root' })
  })

  test('a pipe does not hold the reader up', async () => {
    execFileSync('mkfifo', [join(root, 'pipe')])
    await expect(store.get('pipe')).rejects.toMatchObject({ code: 'storage-failed' })
  })

  test('a name that is too long is refused', async () => {
    await expect(store.put('x'.repeat(300), bytes('x'))).rejects.toMatchObject({ code: 'invalid-object-key' })
  })
})

describe('writes', () => {
  test('a stream that is shorter than it said leaves the old content and nothing else', async () => {
    await store.put('a', bytes('old'))
    const stream = (async function* () {
      yield bytes('ne')
    })()
    await expect(store.put('a', { stream, size: 3 })).rejects.toMatchObject({ code: 'object-changed' })
    expect(text(await store.get('a'))).toBe('old')
    expect(await readdir(root)).toEqual(['a'])
  })

  test('a source that does not exist or is a folder is an error that names it', async () => {
    const file = join(folder, 'none')
    await expect(store.put('a', { file })).rejects.toMatchObject({ code: 'object-not-found', where: file })
    await expect(store.put('a', { file: root })).rejects.toMatchObject({ code: 'storage-failed' })
  })

  test('an aborted write leaves nothing', async () => {
    const abort = new AbortController()
    const stream = (async function* () {
      yield bytes('x')
      abort.abort()
      yield bytes('y')
    })()
    await expect(store.put('a', { stream, size: 2 }, { signal: abort.signal })).rejects.toMatchObject({
      code: 'aborted'
    })
    expect(await readdir(root)).toEqual([])
  })

  test('a write that expects no object or a certain one fails when it finds another', async () => {
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
  })

  test('a conditional write removes what killed writers left beside it, once it is old', async () => {
    const { etag } = await store.put('p/latest', bytes('1'))
    for (const name of ['.quilt-0000000000000000.partial', '.quilt-1111111111111111.partial']) {
      await writeFile(join(root, 'p', name), 'half')
      if (name.includes('0')) await utimes(join(root, 'p', name), 0, 0)
    }
    await store.put('p/latest', bytes('2'), { ifMatch: etag })
    expect((await readdir(join(root, 'p'))).sort()).toEqual(['.quilt-1111111111111111.partial', 'latest'])
  })

  test('of many that write at once expecting the same, exactly one wins', async () => {
    const { etag } = await store.put('a', bytes('start'))
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => store.put('a', bytes(String(i)), { ifMatch: etag }))
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('what is unreadable for this user is an error', async () => {
    await store.put('a', bytes('x'))
    await chmod(join(root, 'a'), 0)
    // the super-user reads everything
    if (process.getuid?.() === 0) expect(text(await store.get('a'))).toBe('x')
    else await expect(store.get('a')).rejects.toMatchObject({ code: 'access-denied' })
  })
})
