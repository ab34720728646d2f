import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { largeManifest } from '../../test/large-manifest.ts'
import { anyPackage, manifestBytes } from '../../test/packages.ts'
import { CacheFolder } from '../cache/cache-folder.ts'
import { topHash } from '../top-hash.ts'
import type { FolderChild, Manifest } from '../types.ts'
import { WorkerPool } from '../worker/pool.ts'
import { IndexedManifest } from './indexed-manifest.ts'
import { MemoryManifest } from './memory-manifest.ts'
import { openManifest, topHashOfFile } from './open.ts'
import { loadManifest } from './read.ts'

let folder: string
let cache: CacheFolder
const workers = new WorkerPool(1)

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'quilt-indexed-'))
  cache = new CacheFolder(path.join(folder, 'cache'))
})
afterAll(async () => {
  await workers.close()
  await rm(folder, { recursive: true })
})

let files = 0
async function store(bytes: Uint8Array): Promise<string> {
  const file = path.join(folder, `manifest-${files++}`)
  await writeFile(file, bytes)
  return file
}

async function inMemory(bytes: Uint8Array): Promise<MemoryManifest> {
  const tree = await loadManifest([bytes])
  return new MemoryManifest(await topHash(tree.header, tree.walk()), tree)
}

/** A value that can be compared, without the classes behind it. */
function plain(child: FolderChild): unknown {
  if (child.kind === 'folder') return child
  const { logicalKey, physicalKey, size, hash, meta, record } = child.entry
  return {
    kind: child.kind,
    name: child.name,
    logicalKey,
    physicalKey,
    size,
    hash,
    meta,
    record: { size: record.size, hash: record.hash, meta: record.meta }
  }
}

async function browse(manifest: Manifest, folderPath: string, limit: number): Promise<unknown> {
  const items: unknown[] = []
  let after: string | undefined
  for (;;) {
    const page = await manifest.folder(folderPath, { limit, ...(after === undefined ? {} : { after }) })
    items.push(...page.items.map(plain))
    after = page.next
    expect(page.items.length).toBeLessThanOrEqual(limit)
    if (after !== undefined) continue
    const { path, files, bytes, meta } = page
    return { path, files, bytes, meta, items }
  }
}

async function foldersOf(manifest: Manifest): Promise<readonly string[]> {
  const found = ['']
  for (const each of found) {
    const page = await manifest.folder(each, { limit: 10_000 })
    for (const child of page.items) if (child.kind === 'folder') found.push(child.path)
  }
  return found
}

async function expectSame(indexed: Manifest, memory: Manifest): Promise<void> {
  expect([indexed.topHash, indexed.files, indexed.bytes]).toEqual([
    memory.topHash,
    memory.files,
    memory.bytes
  ])
  expect(indexed.header).toEqual(memory.header)
  expect(await indexed.folderMetadata()).toEqual(await memory.folderMetadata())
  const folders = await foldersOf(memory)
  expect(await foldersOf(indexed)).toEqual(folders)
  for (const each of folders) {
    expect(await browse(indexed, each, 2)).toEqual(await browse(memory, each, 1000))
    expect(await indexed.summary(each)).toEqual(await memory.summary(each))
  }
  const entries = await Array.fromAsync(memory.entries())
  expect((await Array.fromAsync(indexed.entries())).map((entry) => entry.logicalKey)).toEqual(
    entries.map((entry) => entry.logicalKey)
  )
  expect(
    (await Array.fromAsync(indexed.keys())).flat().map(({ logicalKey, size }) => [logicalKey, size])
  ).toEqual(entries.map(({ logicalKey, size }) => [logicalKey, size]))
  for (const { logicalKey, record } of entries) {
    const found = await indexed.entry(logicalKey)
    expect([found?.record.size, found?.record.hash, found?.record.meta]).toEqual([
      record.size,
      record.hash,
      record.meta
    ])
    expect(await indexed.entry(`${logicalKey}/`)).toBeUndefined()
  }
}

describe('a manifest with an index', () => {
  test('answers as the package in memory does, for any package', async () => {
    await fc.assert(
      fc.asyncProperty(anyPackage, async (tree) => {
        const bytes = await manifestBytes(tree)
        const indexed = await openManifest(await store(bytes), { cache, workers })
        expect(indexed).toBeInstanceOf(IndexedManifest)
        await expectSame(indexed, await inMemory(bytes))
        await indexed.close()
      }),
      { numRuns: 15 }
    )
  })

  test('finds what a search in memory finds, for any package', async () => {
    const text = fc.constantFrom('a', 'A', 'b/', '.csv', 'é', '"', '\\', 'user_meta', '1', 'true', '😀')
    await fc.assert(
      fc.asyncProperty(anyPackage, text, fc.constantFrom('keys', 'metadata'), async (tree, text, kind) => {
        const bytes = await manifestBytes(tree)
        const indexed = await openManifest(await store(bytes), { cache, workers, topHash: 'x' })
        const memory = await inMemory(bytes)
        const search = { text, in: kind } as const
        const all = await memory.search({ ...search, limit: 1000 })
        let after: string | undefined
        const found: string[] = []
        do {
          const page = await indexed.search({
            ...search,
            limit: 3,
            ...(after === undefined ? {} : { after })
          })
          expect(page.total).toBe(all.total)
          found.push(...page.items.map((entry) => entry.logicalKey))
          after = page.next
        } while (after !== undefined)
        expect(found).toEqual(all.items.map((entry) => entry.logicalKey))
        await indexed.close()
      }),
      { numRuns: 15 }
    )
  })

  test('of thousands of entries is paged, and its index comes from the cache the second time', async () => {
    const bytes = largeManifest(2200)
    const memory = await inMemory(bytes)
    const file = await store(bytes)
    for (let time = 0; time < 2; time++) {
      const indexed = await openManifest(file, { cache, workers })
      expect(indexed).toBeInstanceOf(IndexedManifest)
      expect([indexed.topHash, indexed.files, indexed.bytes]).toEqual([
        memory.topHash,
        memory.files,
        memory.bytes
      ])
      for (const each of (await foldersOf(memory)).slice(0, 3))
        expect(await browse(indexed, each, 70)).toEqual(await browse(memory, each, 10_000))
      const found = await indexed.search({ text: '11', in: 'keys', limit: 10_000 })
      const expected = await memory.search({ text: '11', in: 'keys', limit: 10_000 })
      expect(found.total).toBe(expected.total)
      expect(found.items.map((each) => each.logicalKey)).toEqual(
        expected.items.map((each) => each.logicalKey)
      )
      await indexed.close()
    }
    expect(await topHashOfFile(file, { cache: new CacheFolder(folder), workers })).toBe(memory.topHash)
  })

  test.each([
    ['keys', 'ΟΔΟΣ', ['ΟΔΟΣ', 'ΟΔΟΣΑ.txt', 'οδος.txt']],
    ['keys', 'οδος', ['ΟΔΟΣ', 'ΟΔΟΣΑ.txt', 'οδος.txt']],
    ['keys', 'ς.TXT', ['οδος.txt']],
    ['metadata', 'café', ['b', 'c']],
    ['metadata', 'u00e9', ['d']],
    ['metadata', '\\u00e9', ['d']],
    ['metadata', 'a/b', ['f']],
    ['metadata', '"', []],
    ['metadata', '\n', ['e']]
  ] as const)('finds by %s that contain %j what is found in memory', async (kind, text, expected) => {
    const metas = {
      a: '{}',
      b: String.raw`{"n": "caf\u00e9"}`,
      c: '{"n": "CAFé"}',
      d: String.raw`{"n": "caf\\u00e9"}`,
      e: String.raw`{"n": "x\ny\u0041"}`,
      f: String.raw`{"n": "a\/b"}`,
      ΟΔΟΣ: '{}',
      'ΟΔΟΣΑ.txt': '{}',
      'οδος.txt': '{}'
    }
    const lines = Object.entries(metas).map(([key, meta]) => lineOf(key, meta))
    const bytes = Buffer.from(`{"version": "v0"}\n${lines.join('')}`)
    const indexed = await openManifest(await store(bytes), { cache, workers, topHash: 'x' })
    expect(indexed).toBeInstanceOf(IndexedManifest)
    for (const manifest of [await inMemory(bytes), indexed]) {
      const { items, total } = await manifest.search({ text, in: kind, limit: 100 })
      expect(items.map(({ logicalKey }) => logicalKey)).toEqual(expected)
      expect(total).toBe(expected.length)
    }
    await indexed.close()
  })

  test('has entries with empty names where the package in memory has them', async () => {
    const keys = ['a/', 'b//c', 'd']
    const bytes = Buffer.from(`{"version": "v0"}\n${keys.map((key) => lineOf(key, '{}')).join('')}`)
    const memory = await inMemory(bytes)
    const indexed = await openManifest(await store(bytes), { cache, workers, topHash: 'x' })
    for (const manifest of [memory, indexed]) {
      for (const key of keys) expect((await manifest.entry(key))?.logicalKey).toBe(key)
      for (const key of ['', 'a', 'b', 'b/', 'b//', 'b//c/', 'd/'])
        expect(await manifest.entry(key)).toBeUndefined()
    }
    await indexed.close()
  })
})

/** A line of a manifest as the client writes it. */
function lineOf(key: string, meta: string): string {
  return `{"logical_key": "${key}", "physical_keys": ["s3://b/x"], "size": 1, "hash": {"type": "SHA256", "value": "x"}, "meta": ${meta}}\n`
}
