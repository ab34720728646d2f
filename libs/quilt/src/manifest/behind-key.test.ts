import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { largeManifest } from '../../test/large-manifest.ts'
import { CacheFolder } from '../cache/cache-folder.ts'
import { differences } from '../diff.ts'
import type { Manifest } from '../types.ts'
import { WorkerPool } from '../worker/pool.ts'
import { MemoryManifest } from './memory-manifest.ts'
import { openManifest } from './open.ts'
import { loadManifest } from './read.ts'

const topHash = 'ab'.repeat(32)
const bytes = largeManifest(1500)
let folder: string
let manifest: Manifest
const workers = new WorkerPool()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'behind-key-'))
  await writeFile(join(folder, 'manifest'), bytes)
  const cache = new CacheFolder(join(folder, 'cache'))
  manifest = await openManifest(join(folder, 'manifest'), { topHash, cache, workers })
})
afterAll(async () => {
  await manifest.close()
  await workers.close()
  await rm(folder, { recursive: true })
})

const keysOf = async (from: Manifest, after?: string, within?: string): Promise<readonly string[]> => {
  const options = {
    ...(after === undefined ? {} : { after }),
    ...(within === undefined ? {} : { folder: within })
  }
  const keys = (await Array.fromAsync(from.keys(options))).flat().map(({ logicalKey }) => logicalKey)
  const entries = await Array.fromAsync(from.entries(options))
  expect(entries.map(({ logicalKey }) => logicalKey)).toEqual(keys)
  return keys
}

test.each([
  'folder-00000/file-0000000.csv',
  'folder-00007/file-0000777.csv',
  'folder-00007/file-0000777.csv and more',
  'folder-00014/file-0001499.csv',
  'folder-00003',
  '',
  'zzz',
  'folder-\ud800'
])('entries behind %j are those that come after it, read from a file or held in memory', async (after) => {
  const all = await keysOf(manifest)
  // in these keys the order of a walk is that of the texts
  const expected = all.filter((key) => key > after)
  expect(await keysOf(manifest, after)).toEqual(expected)
  expect(await keysOf(new MemoryManifest(topHash, await loadManifest([bytes])), after)).toEqual(expected)
  const within = expected.filter((key) => key.startsWith('folder-00007/'))
  expect(await keysOf(manifest, after, 'folder-00007/')).toEqual(within)
})

test('differences go on behind a key as if all before it had been seen', async () => {
  const tree = await loadManifest([bytes])
  for (const key of ['folder-00001/file-0000100.csv', 'folder-00005/file-0000500.csv']) tree.delete(key)
  const other = new MemoryManifest('cd'.repeat(32), tree)
  const after = 'folder-00001/file-0000100.csv'
  const found = (await Array.fromAsync(differences(manifest, other, { after }))).flat()
  expect(found).toMatchObject([{ kind: 'deleted', logicalKey: 'folder-00005/file-0000500.csv' }])
})
