import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { largeManifest } from '../../test/large-manifest.ts'
import { anyPackage, manifestBytes } from '../../test/packages.ts'
import { CacheFolder } from '../cache/cache-folder.ts'
import { differences, type DifferencesOptions } from '../diff.ts'
import { encodeForHash } from '../json/encode.ts'
import { IndexedManifest } from '../manifest/indexed-manifest.ts'
import { MemoryManifest } from '../manifest/memory-manifest.ts'
import { openManifest } from '../manifest/open.ts'
import { loadManifest } from '../manifest/read.ts'
import type { Entry, Manifest } from '../types.ts'
import { WorkerPool } from '../worker/pool.ts'

const topHash = 'ab'.repeat(32)
const workers = new WorkerPool()
let folder: string
let files = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'line-cursor-'))
})
afterAll(async () => {
  await workers.close()
  await rm(folder, { recursive: true })
})

const fileOf = async (bytes: Buffer): Promise<string> => {
  const file = join(folder, `manifest-${String(files++)}`)
  await writeFile(file, bytes)
  return file
}

const openFile = async (file: string): Promise<Manifest> => {
  const manifest = await openManifest(file, {
    topHash,
    cache: new CacheFolder(join(folder, 'cache')),
    workers
  })
  expect(manifest).toBeInstanceOf(IndexedManifest)
  return manifest
}

const held = async (bytes: Buffer): Promise<Manifest> =>
  new MemoryManifest(topHash, await loadManifest([bytes]))

async function found(before: Manifest, after: Manifest, options: DifferencesOptions = {}): Promise<unknown> {
  const all = (await Array.fromAsync(differences(before, after, options))).flat()
  await before.close()
  await after.close()
  return all.map((one) => ({
    kind: one.kind,
    logicalKey: one.logicalKey,
    before: one.kind === 'added' ? undefined : plain(one.before),
    after: one.kind === 'deleted' ? undefined : plain(one.after)
  }))
}

const plain = ({ logicalKey, physicalKey, record }: Entry): unknown => ({
  logicalKey,
  physicalKey,
  record: [record.size, record.hash, record.meta].map(encodeForHash)
})

/** The difference as it is read from two files, which has to be that of both held in memory. */
async function compared(first: Buffer, second: Buffer, options: DifferencesOptions = {}): Promise<unknown> {
  const fromFiles = await found(
    await openFile(await fileOf(first)),
    await openFile(await fileOf(second)),
    options
  )
  expect(fromFiles).toEqual(await found(await held(first), await held(second), options))
  return fromFiles
}

const line = (key: string, size: string, meta = '{}', bucket = 'b'): string =>
  `{"logical_key": "${key}", "physical_keys": ["s3://${bucket}/${key}"], "size": ${size}, "hash": {"type": "SHA256", "value": "x"}, "meta": ${meta}}\n`

const manifest = (...lines: readonly string[]): Buffer => Buffer.from(`{"version": "v0"}\n${lines.join('')}`)

test('files have the differences that packages in memory have, for any two that share entries', async () => {
  const keep = fc.infiniteStream(fc.boolean())
  await fc.assert(
    fc.asyncProperty(anyPackage, anyPackage, keep, async (first, second, kept) => {
      for (const entry of first.walk())
        if (kept.next().value === true && second.get(entry.logicalKey) === undefined) {
          try {
            second.set(entry)
          } catch {
            // a file there would be a folder here
          }
        }
      await compared(await manifestBytes(first), await manifestBytes(second))
    }),
    { numRuns: 60 }
  )
})

test('lines that differ in their address alone are equal, and lines that are written otherwise are compared by what they say', async () => {
  const before = manifest(line('a', '1'), line('b', '2', '{"x": 1}'), line('c', '3'))
  const after = manifest(line('a', '1', '{}', 'elsewhere'), line('b', '2', '{"x":  1.0}'), line('c', '4'))
  expect(await compared(before, after)).toMatchObject([{ kind: 'modified', logicalKey: 'c' }])
})

test('a size that is NaN is never equal, although its line is the same', async () => {
  const both = manifest(line('a', '1'), line('b', 'NaN'), line('c', '1', '{"x": NaN}'))
  expect(await compared(both, both)).toMatchObject([{ kind: 'modified', logicalKey: 'b' }])
})

test.each([
  '',
  'folder-00000/file-0000007.csv',
  'folder-00009/file-0000950.csv',
  'folder-00014/file-0001499.csv'
])('behind %j, over many blocks of lines, the differences are those that come after it', async (after) => {
  const first = largeManifest(1500)
  const second = largeManifest(1600, (index) => (index % 97 === 0 ? 1 : index))
  await compared(first, second, { after })
  await compared(second, first, { after })
})

test('packages without entries have none, and all of the other side', async () => {
  const empty = manifest()
  expect(await compared(empty, empty)).toEqual([])
  expect(await compared(empty, manifest(line('a', '1')))).toMatchObject([{ kind: 'added' }])
  expect(await compared(manifest(line('a', '1')), empty)).toMatchObject([{ kind: 'deleted' }])
})

test('a file that was changed after it was opened is noticed, even where both sides are that file', async () => {
  const bytes = manifest(line('a', '1'), line('b', '2'), line('c', '3'))
  const change = async (how: (file: string) => Promise<void>): Promise<void> => {
    const file = await fileOf(bytes)
    const [before, after] = [await openFile(file), await openFile(file)]
    await how(file)
    await expect(found(before, after)).rejects.toMatchObject({ code: 'manifest-changed' })
    await before.close()
    await after.close()
  }
  await change((file) => truncate(file, bytes.length - 40))
  await change(async (file) => {
    const text = await readFile(file, 'utf8')
    const at = text.indexOf('\n{"logical_key": "b"')
    await writeFile(file, `${text.slice(0, at)} ${text.slice(at + 1)}`)
  })
})

test('whoever stops in the middle leaves the files alone', async () => {
  const [before, after] = [
    await openFile(await fileOf(largeManifest(1500))),
    await openFile(await fileOf(largeManifest(1500, () => 1)))
  ]
  for await (const batch of differences(before, after)) {
    expect(batch[0]).toMatchObject({ kind: 'modified' })
    break
  }
  await before.close()
  await after.close()
})
