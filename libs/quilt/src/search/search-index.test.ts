import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { largeManifest } from '../../test/large-manifest.ts'
import { fromPlain } from '../json/index.ts'
import { openRegistry } from '../registry/open-registry.ts'
import type { WritableRegistry } from '../registry/writable-registry.ts'
import type { Registry } from '../types.ts'
import { respond } from '../worker/respond.ts'
import { WorkerPool } from '../worker/pool.ts'
import { SearchIndex, type RegistrySearch } from './search-index.ts'

/** Does the work of threads in this one: they would take longer to start than all of it takes. */
class SameThread extends WorkerPool {
  override run(task: Parameters<WorkerPool['run']>[0]): Promise<unknown> {
    const { response } = respond({ id: 1, abort: new SharedArrayBuffer(4), task })
    return 'result' in response
      ? Promise.resolve(response.result)
      : Promise.reject(new Error(response.failure.message))
  }
}

let folder: string
let registry: WritableRegistry
let index: SearchIndex

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'search-index-'))
  registry = openRegistry(`file://${folder}/registry`)
  index = open()
})
afterEach(async () => {
  await index.close()
  await rm(folder, { recursive: true })
})

function open(of: Registry = registry): SearchIndex {
  return new SearchIndex(of, { cacheFolder: join(folder, 'cache'), workers: new SameThread(), maxAge: 0 })
}

async function push(
  name: string,
  keys: readonly string[],
  { message = null, meta }: { message?: string | null; meta?: unknown } = {}
): Promise<void> {
  const builder = registry.newPackage()
  if (meta !== undefined) builder.setMeta(fromPlain(meta))
  for (const key of keys) builder.set(key, Buffer.alloc(key.length))
  await builder.push(name, { message, force: true })
}

async function names(text: string, more: Partial<RegistrySearch> = {}): Promise<readonly string[]> {
  return (await index.packages({ text, limit: 100, ...more })).items.map(({ name }) => name)
}

async function keys(text: string, more: Partial<RegistrySearch> = {}): Promise<readonly string[]> {
  return (await index.entries({ text, limit: 100, ...more })).items.map(({ logicalKey }) => logicalKey)
}

describe('packages are found', () => {
  test('by name, message, user metadata and keys, in this order', async () => {
    await push('lab/keys', ['data/penguin.csv', 'penguin.md'])
    await push('lab/meta', ['a'], { meta: { species: ['Penguin'] } })
    await push('lab/message', ['a'], { message: 'the penguin data' })
    await push('lab/penguins', ['a'])
    await push('lab/other', ['a'])
    expect(await names('PENGUIN')).toEqual(['lab/penguins', 'lab/message', 'lab/meta', 'lab/keys'])
    const { items, total } = await index.packages({ text: 'penguin', limit: 100 })
    expect(total).toBe(4)
    expect(items.at(-1)).toMatchObject({ name: 'lab/keys', matching: 2, files: 2, bytes: 26, message: null })
    expect(items.at(-1)?.topHash).toBe(await registry.resolve('lab/keys'))
    expect(items.at(-1)?.modified).toBeInstanceOf(Date)
  })

  test('by all words, in any order, each or the start of it, with and without accents', async () => {
    await push('lab/a', ['x'], { message: 'Mesures d’été à Zürich' })
    expect(await names('zurich mes')).toEqual(['lab/a'])
    expect(await names('zurich winter')).toEqual([])
    expect(await names('d’ete "zür* AND NOT')).toEqual([])
    expect(await names('')).toEqual(['lab/a'])
  })

  test('by extension, size, date and name', async () => {
    await push('a/one', ['x.csv', 'long name.TXT'])
    await push('a/two', ['y.csv'])
    await push('b/two', ['z'])
    expect(await names('', { extensions: ['.CSV'] })).toEqual(['a/one', 'a/two'])
    expect(await names('', { extensions: ['csv'], minSize: 6 })).toEqual([])
    expect(await names('', { minSize: 6 })).toEqual(['a/one'])
    expect(await names('', { maxSize: 1 })).toEqual(['b/two'])
    expect(await names('', { package: 'a/' })).toEqual(['a/one', 'a/two'])
    expect(await names('two', { package: 'a/two' })).toEqual(['a/two'])
    const future = new Date(Date.now() + 60_000)
    expect(await names('', { modifiedAfter: future })).toEqual([])
    expect(await names('one', { modifiedBefore: future, extensions: ['txt'] })).toEqual(['a/one'])
  })
})

describe('entries are found', () => {
  test('by words of their key and package, and by the same filters', async () => {
    await push('zoo/birds', ['penguins/size.csv', 'penguins/README.md', 'owls/size.csv'])
    await push('zoo/fish', ['size.csv'])
    expect(await keys('size')).toEqual(['size.csv', 'owls/size.csv', 'penguins/size.csv'])
    expect(await keys('birds size')).toEqual(['owls/size.csv', 'penguins/size.csv'])
    expect(await keys('penguins/size.csv')).toEqual(['penguins/size.csv'])
    expect(await keys('', { extensions: ['md', 'txt'] })).toEqual(['penguins/README.md'])
    expect(await keys('size', { package: 'zoo/fish' })).toEqual(['size.csv'])
    expect((await index.entries({ text: 'owls', limit: 1 })).items).toMatchObject([
      { name: 'zoo/birds', size: 13 }
    ])
  })

  test('page by page, with the exact count', async () => {
    await push(
      'u/p',
      Array.from({ length: 7 }, (_, number) => `file ${number}`)
    )
    const seen: string[] = []
    let after: string | undefined
    do {
      const page = await index.entries({ text: 'file', limit: 3, ...(after === undefined ? {} : { after }) })
      expect(page.total).toBe(7)
      seen.push(...page.items.map(({ logicalKey }) => logicalKey))
      after = page.next
    } while (after !== undefined)
    expect(new Set(seen).size).toBe(7)
    await expect(index.entries({ text: 'x', limit: 1, after: 'no' })).rejects.toMatchObject({
      code: 'invalid-cursor'
    })
    const foreign = Buffer.from('word', 'utf16le').toString('base64url')
    await expect(index.entries({ text: 'x', limit: 1, after: foreign })).rejects.toMatchObject({
      code: 'invalid-cursor'
    })
  })

  test.each([
    ['+ -', 'holds no letter'],
    ['x'.repeat(1001), 'has 1001 characters'],
    ['x '.repeat(21), 'has 21 words']
  ])('but not by %j', async (text, message) => {
    await expect(index.packages({ text, limit: 1 })).rejects.toMatchObject({
      code: 'invalid-search',
      message: expect.stringContaining(message)
    })
  })
})

describe('the index', () => {
  test('reads what has changed and nothing else, and forgets what is gone', async () => {
    await push('u/a', ['one'])
    await push('u/b', ['two'])
    expect(await index.refresh()).toMatchObject({ packages: 2, read: 2, removed: 0, skipped: [] })
    expect(await index.refresh()).toMatchObject({ packages: 2, read: 0 })
    await push('u/a', ['three'])
    expect(await index.refresh()).toMatchObject({ read: 1 })
    expect([await names('one'), await names('three')]).toEqual([[], ['u/a']])
    await registry.deletePackage('u/b')
    expect(await index.refresh()).toMatchObject({ packages: 1, removed: 1 })
    expect(await names('two')).toEqual([])
    const other = open()
    expect(await other.refresh()).toMatchObject({ read: 0 })
  })

  test('is as good for registries of version 2, and where a registry says nothing of its pointers', async () => {
    registry = openRegistry(`file://${folder}/two`, { layoutVersion: 2 })
    await push('u/a', ['one'])
    index = open()
    expect([await names('one'), await names('one')]).toEqual([['u/a'], ['u/a']])
    const two = registry
    const plain: Registry = {
      uri: two.uri,
      packages: async () => ({ items: [{ name: 'u/a' }], next: undefined }),
      revisions: (name, options) => two.revisions(name, options),
      resolve: (name, selector, options) => two.resolve(name, selector, options),
      open: (topHash, options) => two.open(topHash, options),
      read: (entry, range, options) => two.read(entry, range, options)
    }
    index = open(plain)
    expect(await index.refresh()).toMatchObject({ packages: 1 })
    expect(await index.refresh()).toMatchObject({ read: 0 })
  })

  test('leaves out a package that cannot be read, and says so', async () => {
    await push('u/good', ['one'])
    await push('u/bad', ['one'])
    await writeFile(join(folder, 'registry/.quilt/named_packages/u/bad/latest'), 'nonsense')
    const { items, skipped } = await index.packages({ text: 'one', limit: 10 })
    expect(items).toHaveLength(1)
    expect(skipped).toMatchObject([{ name: 'u/bad', error: { code: 'invalid-pointer' } }])
    await rm(join(folder, 'registry/.quilt/named_packages/u/bad/latest'))
    expect((await index.packages({ text: 'one', limit: 10 })).skipped).toEqual([])
  })

  /** Changes what the index says, in a way that SQLite does not notice. */
  const changed =
    (sql: string) =>
    async (file: string): Promise<void> => {
      const database = new DatabaseSync(file)
      database.exec(sql)
      database.close()
    }

  test.each<[string, (file: string) => Promise<void>]>([
    ['cut', (file) => truncate(file, 5000)],
    ['rubbish', (file) => writeFile(file, randomBytes(20_000))],
    ['empty', (file) => writeFile(file, '')],
    ['gone', (file) => rm(file)],
    ['wrong in a key', changed("UPDATE entry SET key = 'other' WHERE key = 'key 199'")],
    ['wrong in a size', changed('UPDATE entry SET size = size + 1')],
    ['wrong in a package', changed("UPDATE package SET name = 'u/b'")],
    [
      'of another form',
      async (file) => {
        await rm(file)
        const database = new DatabaseSync(file)
        database.exec('CREATE TABLE package (id INTEGER)')
        database.close()
      }
    ]
  ])('whose file is %s is made anew', async (_, damage) => {
    await push('u/a', ['key 198', 'key 199'])
    expect(await keys('199')).toEqual(['key 199'])
    const [file = ''] = (await readdir(join(folder, 'cache'))).filter((name) => name.endsWith('.search'))
    await damage(join(folder, 'cache', file))
    index = new SearchIndex(registry, { cacheFolder: join(folder, 'cache'), workers: new SameThread() })
    expect(await keys('199')).toEqual(['key 199'])
    await damage(join(folder, 'cache', file))
    expect(await keys('199')).toEqual(['key 199'])
  })

  test('holds packages that are too large to cross to a thread at once', async () => {
    const topHash = 'a'.repeat(64)
    const quilt = join(folder, 'registry/.quilt')
    await mkdir(join(quilt, 'packages'), { recursive: true })
    await mkdir(join(quilt, 'named_packages/u/large'), { recursive: true })
    await writeFile(join(quilt, 'packages', topHash), largeManifest(1600))
    await writeFile(join(quilt, 'named_packages/u/large/latest'), topHash)
    expect(await index.refresh()).toMatchObject({ read: 1 })
    expect((await index.entries({ text: 'csv', limit: 1 })).total).toBe(1600)
    expect(await keys('0001599')).toEqual(['folder-00015/file-0001599.csv'])
  })

  test('is another one for those who may read something else', async () => {
    await push('u/a', ['one'])
    await index.refresh()
    const cacheFolder = join(folder, 'cache')
    const other = new SearchIndex(registry, { cacheFolder, audience: 'b', workers: new SameThread() })
    expect(await other.refresh()).toMatchObject({ read: 1 })
  })

  test('works in threads, tells its progress and can be aborted', async () => {
    await push('u/a', ['one'])
    await push('u/b', ['one'])
    index = new SearchIndex(registry, { cacheFolder: join(folder, 'cache') })
    const told: (readonly [number, number])[] = []
    const onProgress = (done: number, total: number): void => void told.push([done, total])
    const both = await Promise.all([names('one', { onProgress }), names('one', { onProgress })])
    expect(both).toEqual([
      ['u/a', 'u/b'],
      ['u/a', 'u/b']
    ])
    expect(told).toEqual([
      [0, 2],
      [1, 2],
      [2, 2]
    ])
    await expect(names('one', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' })
    expect(await names('one')).toHaveLength(2)
  })
})
