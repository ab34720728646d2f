import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { largeManifest } from '../../test/large-manifest.ts'
import { CacheFolder } from '../cache/cache-folder.ts'
import type { Manifest } from '../types.ts'
import { WorkerPool } from '../worker/pool.ts'
import { IndexedManifest } from './indexed-manifest.ts'
import { MemoryManifest } from './memory-manifest.ts'
import { openManifest, topHashOfFile } from './open.ts'

const entries = 2200
/** Enough for a manifest in no order to be sorted into a file. */
const sortedEntries = 4500
let folder: string
let file: string
let cacheFolder: string
const workers = new WorkerPool(2)

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'quilt-open-'))
  file = path.join(folder, 'manifest')
  await writeFile(file, largeManifest(entries))
})
beforeEach(async () => {
  cacheFolder = await mkdtemp(path.join(folder, 'cache-'))
})
afterAll(async () => {
  await workers.close()
  await rm(folder, { recursive: true })
})

const open = (
  options: { readonly identity?: string; readonly topHash?: string; readonly signal?: AbortSignal } = {}
): Promise<Manifest> => openManifest(file, { cache: new CacheFolder(cacheFolder), workers, ...options })

/** Opens, uses and closes; what it found must be right whatever is in the cache. */
async function use(): Promise<void> {
  const manifest = await open({ topHash: 'x' })
  expect(manifest).toBeInstanceOf(IndexedManifest)
  expect(manifest.files).toBe(entries)
  const page = await manifest.folder('folder-00007', { limit: 3 })
  expect(page.items.map((item) => item.name)).toEqual([
    'file-0000700.csv',
    'file-0000701.csv',
    'file-0000702.csv'
  ])
  const keys = await manifest.search({ text: 'FOLDER-00007', in: 'keys', limit: 2 })
  expect([keys.total, keys.items[1]?.logicalKey]).toEqual([100, 'folder-00007/file-0000701.csv'])
  const metadata = await manifest.search({ text: 'p70', in: 'metadata', limit: 20 })
  expect(metadata.items.map((entry) => entry.size)).toEqual([70, 700])
  await manifest.close()
}

async function cached(ending: string): Promise<string> {
  const name = (await readdir(cacheFolder)).find((each) => each.endsWith(ending))
  if (name === undefined) throw new Error(`there is no ${ending}`)
  return path.join(cacheFolder, name)
}

describe('the cache of an opened manifest', () => {
  test('has its index and its keys, which are used the next time', async () => {
    await use()
    const before = await readFile(await cached('.index'))
    await use()
    expect((await readFile(await cached('.index'))).equals(before)).toBe(true)
    expect(await readdir(cacheFolder)).toHaveLength(2)
  })

  test.each(['.index', '.keys'])(
    'is made again where its %s file is cut, damaged, empty or something else',
    async (ending) => {
      await use()
      const name = await cached(ending)
      const good = await readFile(name)
      const flipped = Buffer.from(good)
      flipped[Math.floor(good.length / 2)] = (flipped[Math.floor(good.length / 2)] ?? 0) ^ 1
      const bad = [
        good.subarray(0, good.length - 1),
        good.subarray(0, 20),
        flipped,
        Buffer.alloc(0),
        Buffer.from('rubbish, but long enough'),
        Buffer.concat([good, good])
      ]
      for (const bytes of bad) {
        await writeFile(name, bytes)
        await use()
        expect((await readFile(name)).equals(good)).toBe(true)
      }
    }
  )

  test('keeps an index in memory, so that it is not even read the next time', async () => {
    const cache = new CacheFolder(cacheFolder)
    for (let time = 0; time < 2; time++) {
      const manifest = await openManifest(file, { cache, workers, topHash: 'x' })
      expect(manifest.files).toBe(entries)
      await manifest.close()
      await writeFile(await cached('.index'), 'rubbish')
    }
  })

  test('is not used for a manifest of another identity or size', async () => {
    const first = await open({ identity: 's3://bucket/a#1' })
    await first.close()
    const name = await cached('.index')
    const second = await open({ identity: 's3://bucket/b#1' })
    await second.close()
    const [other] = (await readdir(cacheFolder))
      .map((each) => path.join(cacheFolder, each))
      .filter((each) => each !== name)
    await writeFile(other ?? '', await readFile(name))
    const again = await open({ identity: 's3://bucket/b#1' })
    expect(again.files).toBe(entries)
    await again.close()
    const longer = path.join(folder, 'longer')
    await writeFile(longer, largeManifest(entries + 1))
    const manifest = await openManifest(longer, {
      cache: new CacheFolder(cacheFolder),
      workers,
      identity: 's3://bucket/a#1'
    })
    expect(manifest.files).toBe(entries + 1)
    await manifest.close()
  })

  test('that cannot be written is done without, except to search keys', async () => {
    const cache = new CacheFolder(path.join(file, 'cache'))
    const manifest = await openManifest(file, { cache, workers, topHash: 'x' })
    expect(manifest.files).toBe(entries)
    const search = manifest.search({ text: 'a', in: 'keys', limit: 1 })
    await expect(search).rejects.toMatchObject({ where: expect.stringContaining('cache') })
    await manifest.close()
  })
})

describe('opening a manifest', () => {
  test('computes its top hash where it is not given', async () => {
    const manifest = await open()
    expect(manifest.topHash).toBe(await topHashOfFile(file, { cache: new CacheFolder(cacheFolder), workers }))
    expect(manifest.topHash).toMatch(/^[0-9a-f]{64}$/)
    await manifest.close()
  })

  test.each([500, sortedEntries])('in no order works, with %i entries', async (count) => {
    const ordered = largeManifest(count)
    const [header = '', ...lines] = ordered.toString().trimEnd().split('\n')
    const metadata = '{"logical_key": "folder-00003/", "meta": {"m": 1}}'
    const unordered = path.join(folder, 'unordered')
    await writeFile(unordered, [header, ...lines.reverse(), metadata].join('\r\n'))
    const straight = path.join(folder, 'straight')
    await writeFile(straight, [header, metadata, ...lines.reverse(), ''].join('\n'))
    const options = { cache: new CacheFolder(cacheFolder), workers }
    const manifest = await openManifest(unordered, options)
    const expected = await openManifest(straight, options)
    expect(manifest).toBeInstanceOf(count === sortedEntries ? IndexedManifest : MemoryManifest)
    expect(await topHashOfFile(unordered, options)).toBe(expected.topHash)
    expect([manifest.topHash, manifest.files, manifest.bytes]).toEqual([
      expected.topHash,
      count,
      expected.bytes
    ])
    expect(await manifest.folderMetadata()).toEqual(await expected.folderMetadata())
    const keys = async (from: Manifest): Promise<readonly string[]> =>
      (await Array.fromAsync(from.keys())).flat().map((each) => each.logicalKey)
    expect(await keys(manifest)).toEqual(await keys(expected))
    const search = { text: '3.CSV', in: 'keys', limit: 3 } as const
    expect((await manifest.search(search)).items[2]?.logicalKey).toBe(
      (await expected.search(search)).items[2]?.logicalKey
    )
    expect(await manifest.summary('folder-00002')).toEqual(await expected.summary('folder-00002'))
    await manifest.close()
    await expected.close()
  })

  test('in no order, where the order matters, is held in memory', async () => {
    const lines = largeManifest(entries).toString().trimEnd().split('\n')
    const odd = path.join(folder, 'odd')
    await writeFile(
      odd,
      [...lines, '{"logical_key": "folder-00003/file-0000300.csv/", "meta": 7}'].join('\n')
    )
    const options = { cache: new CacheFolder(cacheFolder), workers }
    const manifest = await openManifest(odd, options)
    expect(manifest).toBeInstanceOf(MemoryManifest)
    expect((await manifest.entry('folder-00003/file-0000300.csv'))?.meta.get('user_meta')).toBe(7n)
    await manifest.close()
    const twice = path.join(folder, 'twice')
    await writeFile(twice, [...lines, lines[1]].join('\n'))
    await expect(openManifest(twice, options)).rejects.toMatchObject({
      code: 'manifest-duplicate-key',
      where: twice
    })
  })

  test.each([
    ['empty', '', 'manifest-empty'],
    ['not a manifest', 'rubbish', 'manifest-invalid-header'],
    ['cut', '{"version": "v0"}\n{"logical_key": "a", "physic', 'manifest-invalid-record'],
    ['not UTF-8', Buffer.from([0xff]), 'manifest-not-utf8'],
    ['one long line', Buffer.alloc(17 * 1024 * 1024, 'x'), 'manifest-line-too-long']
  ])('that is %s fails with the file named', async (name, content, code) => {
    const bad = path.join(folder, name)
    await writeFile(bad, content)
    const options = { cache: new CacheFolder(cacheFolder), workers }
    await expect(openManifest(bad, options)).rejects.toMatchObject({ code, where: bad })
    await expect(topHashOfFile(bad, options)).rejects.toMatchObject({ code, where: bad })
  })

  test('that is not there, or is a folder, fails', async () => {
    const none = path.join(folder, 'none')
    const options = { cache: new CacheFolder(cacheFolder), workers }
    await expect(openManifest(none, options)).rejects.toMatchObject({ code: 'object-not-found', where: none })
    await expect(topHashOfFile(none, options)).rejects.toMatchObject({
      code: 'object-not-found',
      where: none
    })
    await expect(openManifest(folder, options)).rejects.toMatchObject({
      code: 'storage-failed',
      where: folder
    })
  })

  test('can be ended', async () => {
    await expect(open({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' })
    const controller = new AbortController()
    const opening = open({ signal: controller.signal })
    controller.abort()
    await expect(opening).rejects.toMatchObject({ code: 'aborted' })
    expect(await readdir(cacheFolder)).toEqual([])
  })
})

describe('an opened manifest', () => {
  test('refuses folders, cursors, limits and searches that are wrong', async () => {
    const manifest = await open()
    await expect(manifest.folder('none', { limit: 1 })).rejects.toMatchObject({ code: 'folder-not-found' })
    await expect(manifest.summary('none')).rejects.toMatchObject({ code: 'folder-not-found' })
    await expect(Array.fromAsync(manifest.keys({ folder: 'none' }))).rejects.toMatchObject({
      code: 'folder-not-found'
    })
    await expect(manifest.folder('', { limit: 0 })).rejects.toMatchObject({ code: 'invalid-limit' })
    const cursor = (text: string): string => Buffer.from(text, 'utf16le').toString('base64url')
    // 5.2: a position inside of a folder that is inside
    for (const after of ['x', cursor('1'), cursor('999999.1'), cursor('1.99999'), cursor('5.2')])
      await expect(manifest.folder('', { limit: 1, after })).rejects.toMatchObject({ code: 'invalid-cursor' })
    await expect(manifest.search({ text: '', in: 'keys', limit: 1 })).rejects.toMatchObject({
      code: 'invalid-search'
    })
    await expect(
      manifest.search({ text: 'a', in: 'keys', limit: 1, after: cursor('x') })
    ).rejects.toMatchObject({ code: 'invalid-cursor' })
    const signal = AbortSignal.abort()
    await expect(manifest.search({ text: 'a', in: 'keys', limit: 1, signal })).rejects.toMatchObject({
      code: 'aborted'
    })
    await expect(Array.fromAsync(manifest.entries({ signal }))).rejects.toMatchObject({ code: 'aborted' })
    await manifest.close()
  })

  test('reads the entries of one folder', async () => {
    const manifest = await open()
    const found = await Array.fromAsync(manifest.entries({ folder: 'folder-00019/' }))
    expect(found.map((entry) => entry.size)).toEqual(Array.from({ length: 100 }, (_, index) => 1900 + index))
    expect(await manifest.summary('folder-00019')).toEqual({
      path: 'folder-00019/',
      files: 100,
      bytes: 194_950,
      types: [{ extension: 'csv', files: 100, bytes: 194_950 }]
    })
    expect((await manifest.summary('')).types).toEqual([
      { extension: 'csv', files: entries, bytes: 2_418_900 }
    ])
    await manifest.close()
  })

  test('notices that its file has changed', async () => {
    const changing = path.join(folder, 'changing')
    await writeFile(changing, largeManifest(entries))
    const manifest = await openManifest(changing, { cache: new CacheFolder(cacheFolder), workers })
    const bytes = await readFile(changing)
    await writeFile(changing, Buffer.alloc(bytes.length, 'x'))
    await expect(manifest.folder('folder-00007', { limit: 3 })).rejects.toMatchObject({
      code: 'manifest-changed'
    })
    await expect(manifest.entry('folder-00007/x')).rejects.toMatchObject({ code: 'manifest-changed' })
    await truncate(changing, 100)
    await expect(Array.fromAsync(manifest.keys())).rejects.toMatchObject({ code: 'manifest-changed' })
    await manifest.close()
  })
})
