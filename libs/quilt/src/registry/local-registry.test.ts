import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { fromPlain } from '../json/index.ts'
import type { Entry } from '../types.ts'
import { openRegistry } from './open-registry.ts'
import type { WritableRegistry } from './writable-registry.ts'

let folder: string
let root: string
let registry: WritableRegistry
const now = new Date('2026-11-22T13:00:00Z')
const second = now.getTime() / 1000

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'local-registry-'))
  root = join(folder, 'registry')
  registry = openRegistry(`file://${root}`)
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const bytes = (text: string): Uint8Array => Buffer.from(text)

function later(seconds: number): Date {
  return new Date(now.getTime() + seconds * 1000)
}

async function entryOf(from: WritableRegistry, name: string, key: string): Promise<Entry> {
  const manifest = await from.open(await from.resolve(name))
  const entry = await manifest.entry(key)
  await manifest.close()
  if (entry === undefined) throw new Error(`no entry ${key}`)
  return entry
}

async function textOf(from: WritableRegistry, name: string, key: string): Promise<string> {
  const { body } = await from.read(await entryOf(from, name, key))
  return Buffer.concat(await Array.fromAsync(body)).toString()
}

async function tree(path: string): Promise<Record<string, string>> {
  const names = await readdir(path, { recursive: true, withFileTypes: true })
  const files = names.filter((name) => name.isFile()).map((name) => join(name.parentPath, name.name))
  const contents = await Promise.all(
    files.map(async (file) => [file.slice(path.length + 1), await readFile(file, 'utf8')] as const)
  )
  return Object.fromEntries(contents.filter(([name]) => !name.endsWith('lock')))
}

describe('a push', () => {
  test('writes data, manifest and pointers as quilt3 lays them out', async () => {
    const file = join(folder, 'x.csv')
    await writeFile(file, '1,2')
    const pushed = await registry
      .newPackage()
      .set('sub/a b.csv', { file }, fromPlain({ rows: 1 }))
      .set('README.md', bytes('# Hello'))
      .setMeta(fromPlain({ k: 1 }))
      .push('u/p', { message: 'one', now })
    expect(pushed).toEqual({
      topHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      pointer: String(second),
      written: true
    })
    expect(await tree(root)).toEqual({
      'u/p/README.md': '# Hello',
      'u/p/sub/a b.csv': '1,2',
      [`.quilt/named_packages/u/p/${String(second)}`]: pushed.topHash,
      '.quilt/named_packages/u/p/latest': pushed.topHash,
      [`.quilt/packages/${pushed.topHash}`]:
        '{"version": "v0", "user_meta": {"k": 1}, "message": "one"}\n' +
        `{"logical_key": "README.md", "physical_keys": ["file://${root}/u/p/README.md"], "size": 7, "hash": {"type": "sha2-256-chunked", "value": "PxE9XHJT4QOxS8B9vnAgila8+SjxcFBXyUhf3pP2IJg="}, "meta": {}}\n` +
        `{"logical_key": "sub/a b.csv", "physical_keys": ["file://${root}/u/p/sub/a%20b.csv"], "size": 3, "hash": {"type": "sha2-256-chunked", "value": "iJRtLn9s5UvUr1YN//nt8JruYCxbdh5N5VDHv3jNTQs="}, "meta": {"user_meta": {"rows": 1}}}\n`
    })
  })

  test('of the same inputs gives the same bytes, wherever it is built, when the recorded root is the same', async () => {
    const trees = []
    for (const name of ['one', 'two']) {
      const place = openRegistry(`file://${folder}/${name}`, { recordedAt: 'file:///srv/registry' })
      await place.newPackage().set('a', bytes('x')).push('u/p', { message: 'm', now })
      trees.push(await tree(join(folder, name)))
    }
    expect(trees[0]).toEqual(trees[1])
    expect(Object.values(trees[0] ?? {}).join('')).toContain('"file:///srv/registry/u/p/a"')
  })

  test('on top of what another pushed is a conflict that names both hashes, and writes nothing', async () => {
    await registry.newPackage().set('a', bytes('1')).push('u/p', { now })
    const before = await tree(root)
    const mine = registry.newPackage().set('a', bytes('2'))
    const latest = await registry.resolve('u/p')
    await expect(mine.push('u/p', { now: later(1) })).rejects.toMatchObject({
      code: 'conflict',
      message: `Package 'u/p' already exists at file://${root}/ with hash '${latest}'; expected no revision`
    })
    expect(await tree(root)).toEqual(before)
    await mine.push('u/p', { now: later(1), force: true })
    expect(await textOf(registry, 'u/p', 'a')).toBe('2')
  })

  test('may follow what the same builder pushed or was opened from', async () => {
    const builder = registry.newPackage().set('a', bytes('1'))
    await builder.push('u/p', { now })
    await builder.set('a', bytes('2')).push('u/p', { now: later(1) })
    const patched = await registry.patch('u/p')
    await patched.set('b', bytes('3')).push('u/p', { now: later(2) })
    expect(await textOf(registry, 'u/p', 'a')).toBe('2')
    await expect(builder.push('u/p', { now: later(3) })).rejects.toMatchObject({ code: 'conflict' })
  })

  test.each([
    ['in one second', 0],
    ['in different seconds', 1]
  ])('of several at the same time, %s, one wins and the others get the conflict', async (_, apart) => {
    await registry.newPackage().set('a', bytes('0')).push('u/p', { now })
    const builders = await Promise.all([1, 2, 3].map(() => registry.patch('u/p')))
    const results = await Promise.allSettled(
      builders.map((builder, i) =>
        builder.set('a', bytes(`of ${i}`)).push('u/p', { now: later(1 + i * apart) })
      )
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'conflict' })
    // the others' revisions were never any of the package
    const { items } = await registry.revisions('u/p', { limit: 10 })
    expect(items.map(({ pointer }) => pointer)).toHaveLength(3)
    expect(items[1]?.topHash).toBe(items[0]?.topHash)
    expect(items[2]?.topHash).not.toBe(items[0]?.topHash)
  })

  test('with dedupe writes nothing when the latest revision is the same', async () => {
    const first = await registry.newPackage().set('a', bytes('1')).push('u/p', { message: 'm', now })
    const before = await tree(root)
    const again = await registry
      .newPackage()
      .set('a', bytes('1'))
      .push('u/p', { message: 'm', now: later(1), dedupe: true, force: true })
    expect(again).toEqual({ topHash: first.topHash, pointer: undefined, written: false })
    expect(await tree(root)).toEqual(before)
    const other = await registry
      .newPackage()
      .set('a', bytes('1'))
      .push('u/p', { message: 'n', now: later(1), dedupe: true, force: true })
    expect(other.written).toBe(true)
  })

  test('never overwrites the data of an earlier revision', async () => {
    const builder = registry.newPackage().set('a', bytes('old')).set('b', bytes('same'))
    const { topHash } = await builder.push('u/p', { now })
    await builder.set('a', bytes('new')).push('u/p', { now: later(1) })
    await builder.set('a', bytes('new')).push('u/p', { now: later(2) })
    expect(await textOf(registry, 'u/p', 'a')).toBe('new')
    const old = await (await registry.open(topHash)).entry('a')
    if (old === undefined) throw new Error('no entry a')
    expect(Buffer.concat(await Array.fromAsync((await registry.read(old)).body)).toString()).toBe('old')
    expect(Object.keys(await tree(join(root, 'u/p'))).sort()).toEqual([
      expect.stringMatching(/^\.revisions\/[0-9a-f]{16}\/a$/),
      'a',
      'b'
    ])
  })

  test('may turn a file into a folder, and a folder into a file, from one revision to the next', async () => {
    const builder = registry.newPackage().set('a', bytes('file')).set('b/c', bytes('deep'))
    await builder.push('u/p', { now })
    const next = await registry.patch('u/p')
    await next
      .remove('a')
      .remove('b')
      .set('a/x', bytes('now deep'))
      .set('b', bytes('now file'))
      .push('u/p', { now: later(1) })
    expect(await textOf(registry, 'u/p', 'a/x')).toBe('now deep')
    expect(await textOf(registry, 'u/p', 'b')).toBe('now file')
  })

  test('leaves data that is in the registry already where it is, unless all is to be copied', async () => {
    await registry.newPackage().set('a', bytes('x')).push('u/p', { now })
    const entry = await entryOf(registry, 'u/p', 'a')
    await registry.newPackage().set('b', entry).push('u/q', { now })
    expect((await entryOf(registry, 'u/q', 'b')).physicalKey).toEqual(entry.physicalKey)
    await registry.newPackage().set('b', entry).push('u/r', { now, select: 'all' })
    expect((await entryOf(registry, 'u/r', 'b')).physicalKey).toEqual({ kind: 'file', path: `${root}/u/r/b` })
  })

  test('refuses names, keys and destinations that are not allowed', async () => {
    const builder = registry.newPackage()
    await expect(builder.push('u', { now })).rejects.toMatchObject({ code: 'invalid-package-name' })
    await expect(builder.push('../x', { now })).rejects.toMatchObject({ code: 'invalid-package-name' })
    expect(() => builder.set('../x', bytes(''))).toThrow(
      expect.objectContaining({ code: 'invalid-logical-key' })
    )
    builder.set('a', bytes('x'))
    for (const destination of [`file://${folder}/elsewhere`, 's3://bucket/x'])
      await expect(builder.push('u/p', { now, destination })).rejects.toMatchObject({
        code: 'invalid-destination'
      })
    expect(await readdir(root)).toEqual([])
  })

  test('that fails for a missing file leaves the package as it was', async () => {
    const builder = registry.newPackage().set('a', { file: join(folder, 'none') })
    await expect(builder.push('u/p', { now })).rejects.toMatchObject({ code: 'object-not-found' })
    await expect(registry.resolve('u/p')).rejects.toMatchObject({ code: 'package-not-found' })
  })

  test('can be aborted', async () => {
    const builder = registry.newPackage().set('a', bytes('x'))
    await expect(builder.push('u/p', { now, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'aborted'
    })
  })

  test('of many entries keeps them in walk order and counts them', async () => {
    const builder = registry.newPackage()
    for (let i = 59; i >= 0; i--) builder.set(`f${String(i % 7)}/${String(i)}`, bytes(String(i)))
    await builder.push('u/p', { now })
    const manifest = await registry.open(await registry.resolve('u/p'))
    expect(manifest.files).toBe(60)
    expect(await textOf(registry, 'u/p', 'f2/58')).toBe('58')
  })
})

describe('a build', () => {
  test('leaves files where they are and keeps the metadata of folders', async () => {
    const file = join(folder, 'data')
    await writeFile(file, 'x')
    await registry
      .newPackage()
      .set('a/b', { file })
      .setFolderMeta('a/', fromPlain({ f: 1 }))
      .setFolderMeta('empty', fromPlain({}))
      .build('u/p', { now })
    const manifest = await registry.open(await registry.resolve('u/p'))
    expect((await manifest.entry('a/b'))?.physicalKey).toEqual({ kind: 'file', path: file })
    expect(await manifest.folderMetadata()).toEqual([['a/', fromPlain({ f: 1 })]])
  })
})

describe('lists', () => {
  test('packages come in the order of their names, by page and by prefix', async () => {
    for (const name of ['b/x', 'a-b/x', 'a/z', 'a/y', 'c/x']) await registry.newPackage().push(name, { now })
    const names = async (options: { prefix?: string; after?: string; limit: number }): Promise<string[]> => {
      const { items, next } = await registry.packages(options)
      const rest = next === undefined ? [] : await names({ ...options, after: next })
      return [...items.map(({ name }) => name), ...rest]
    }
    const all = ['a-b/x', 'a/y', 'a/z', 'b/x', 'c/x']
    for (const limit of [1, 2, 5, 100]) expect(await names({ limit })).toEqual(all)
    expect(await names({ limit: 1, prefix: 'a/' })).toEqual(['a/y', 'a/z'])
    expect(await names({ limit: 10, prefix: 'a' })).toEqual(['a-b/x', 'a/y', 'a/z'])
    expect(await names({ limit: 10, prefix: 'zz' })).toEqual([])
    await expect(registry.packages({ limit: 0 })).rejects.toMatchObject({ code: 'invalid-limit' })
    await expect(registry.packages({ limit: 1, after: '?' })).rejects.toMatchObject({
      code: 'invalid-cursor'
    })
  })

  test('revisions come with latest first, then other tags, then the newest', async () => {
    const builder = registry.newPackage()
    const hashes: string[] = []
    for (const i of [0, 1, 2])
      hashes.push((await builder.set('a', bytes(String(i))).push('u/p', { now: later(i) })).topHash)
    await writeFile(join(root, '.quilt/named_packages/u/p/stable'), hashes[0] ?? '')
    const first = await registry.revisions('u/p', { limit: 3 })
    expect(first.items).toEqual([
      { pointer: 'latest', topHash: hashes[2], modified: expect.anything() },
      { pointer: 'stable', topHash: hashes[0], modified: expect.anything() },
      { pointer: String(second + 2), topHash: hashes[2], modified: later(2) }
    ])
    const rest = await registry.revisions('u/p', { limit: 3, after: first.next ?? '' })
    expect(rest.items.map(({ topHash }) => topHash)).toEqual([hashes[1], hashes[0]])
    expect(rest.next).toBeUndefined()
    expect(await registry.revisions('no/such', { limit: 3 })).toEqual({ items: [], next: undefined })
  })

  test('a registry that does not exist is empty', async () => {
    const none = openRegistry(`file://${folder}/none`)
    expect(await none.packages({ limit: 10 })).toEqual({ items: [], next: undefined })
    await expect(none.resolve('u/p')).rejects.toMatchObject({ code: 'package-not-found' })
    await expect(none.open('0'.repeat(64))).rejects.toMatchObject({ code: 'revision-not-found' })
  })
})

describe('a selector', () => {
  test('may be latest, a tag, a top hash or the start of one', async () => {
    const builder = registry.newPackage().set('a', bytes('1'))
    const first = (await builder.push('u/p', { now })).topHash
    const next = (await builder.set('a', bytes('2')).push('u/p', { now: later(1) })).topHash
    expect(await registry.resolve('u/p')).toBe(next)
    expect(await registry.resolve('u/p', 'latest')).toBe(next)
    expect(await registry.resolve('u/p', String(second))).toBe(first)
    expect(await registry.resolve('u/p', first)).toBe(first)
    expect(await registry.resolve('u/p', first.slice(0, 6))).toBe(first)
    await expect(registry.resolve('u/p', first.slice(0, 5))).rejects.toMatchObject({
      code: 'invalid-top-hash',
      message: `Invalid hash: '${first.slice(0, 5)}'`
    })
    await expect(registry.resolve('u/p', 'ffffffff')).rejects.toMatchObject({ code: 'revision-not-found' })
    await expect(registry.resolve('u/p', 'f'.repeat(65))).rejects.toMatchObject({ code: 'invalid-top-hash' })
    for (const bad of ['../../../../../secret', '..', ''])
      await expect(registry.resolve('u/p', bad)).rejects.toMatchObject({
        code: expect.stringMatching(/revision-not-found|invalid-top-hash/)
      })
  })

  test('that two manifests begin with is refused', async () => {
    await mkdir(join(root, '.quilt/packages'), { recursive: true })
    for (const end of ['0', '1'])
      await writeFile(join(root, '.quilt/packages', 'abcdef'.padEnd(63, '0') + end), '')
    await expect(registry.resolve('u/p', 'abcdef')).rejects.toMatchObject({ code: 'ambiguous-hash' })
  })

  test.each(['rubbish', '', '0'.repeat(63), `${'0'.repeat(64)}\n`, '0'.repeat(5000)])(
    'that names a pointer which holds %j is refused with the place',
    async (content) => {
      await mkdir(join(root, '.quilt/named_packages/u/p'), { recursive: true })
      await writeFile(join(root, '.quilt/named_packages/u/p/latest'), content)
      await expect(registry.resolve('u/p')).rejects.toMatchObject({
        code: 'invalid-pointer',
        where: '.quilt/named_packages/u/p/latest'
      })
    }
  )
})

describe('reading an entry', () => {
  test('gives the whole size and the bytes of the range', async () => {
    await registry.newPackage().set('a', bytes('0123456789')).push('u/p', { now })
    const entry = await entryOf(registry, 'u/p', 'a')
    const { size, body } = await registry.read(entry, { offset: 2, length: 3 })
    expect([size, Buffer.concat(await Array.fromAsync(body)).toString()]).toEqual([10, '234'])
    expect(await textOf(registry, 'u/p', 'a')).toBe('0123456789')
  })

  test('works after the registry was moved, when it is said where it was recorded', async () => {
    await registry.newPackage().set('sub/a', bytes('x')).push('u/p', { now })
    const moved = join(folder, 'moved')
    await rename(root, moved)
    const blind = openRegistry(`file://${moved}`)
    await expect(textOf(blind, 'u/p', 'sub/a')).rejects.toMatchObject({ code: 'outside-root' })
    const told = openRegistry(`file://${moved}`, { recordedAt: `file://${root}/` })
    expect(await textOf(told, 'u/p', 'sub/a')).toBe('x')
    await (await told.patch('u/p')).set('b', bytes('y')).push('u/p', { now: later(1) })
    expect(await textOf(told, 'u/p', 'b')).toBe('y')
    expect((await entryOf(told, 'u/p', 'b')).physicalKey).toEqual({ kind: 'file', path: `${root}/u/p/b` })
  })

  test('works through a link to the registry', async () => {
    await registry.newPackage().set('a', bytes('x')).push('u/p', { now })
    await symlink(root, join(folder, 'link'))
    expect(await textOf(openRegistry(`file://${folder}/link`), 'u/p', 'a')).toBe('x')
  })

  test('stays inside of the registry and the further roots', async () => {
    const outside = join(folder, 'outside')
    await mkdir(outside)
    await writeFile(join(outside, 'file'), 'secret')
    await registry
      .newPackage()
      .set('a', { file: join(outside, 'file') })
      .build('u/p', { now })
    await expect(textOf(registry, 'u/p', 'a')).rejects.toMatchObject({ code: 'outside-root' })
    const wider = openRegistry(`file://${root}`, { dataRoots: [`file://${outside}`] })
    expect(await textOf(wider, 'u/p', 'a')).toBe('secret')
  })

  test.each([
    ['file:///etc/passwd', 'outside-root'],
    ['FILE:///etc/passwd', 'outside-root'],
    ['file://localhost/etc/passwd', 'outside-root'],
    ['file://ROOT/../outside', 'outside-root'],
    ['file://ROOT/%2e%2e/outside', 'outside-root'],
    ['file://ROOT-neighbour/file', 'outside-root'],
    ['file://ROOT', 'outside-root'],
    ['file://ROOT/link', 'outside-root'],
    ['file://ROOT/none', 'object-not-found'],
    ['file://ROOT/.quilt', 'object-not-found'],
    ['s3://bucket/key', 'not-supported']
  ])('an entry that names %s is refused', async (url, code) => {
    await writeFile(join(folder, 'outside'), 'secret')
    await mkdir(join(root, '.quilt/packages'), { recursive: true })
    await symlink('../outside', join(root, 'link'))
    const hash = '1'.repeat(64)
    const line = `{"logical_key": "a", "physical_keys": ["${url.replace('ROOT', root)}"], "size": 1, "hash": null, "meta": {}}`
    await writeFile(join(root, '.quilt/packages', hash), `{"version": "v0"}\n${line}\n`)
    const entry = await (await registry.open(hash)).entry('a')
    if (entry === undefined) throw new Error('no entry a')
    await expect(registry.read(entry)).rejects.toMatchObject({ code })
  })

  test('a manifest that is a link to a file outside is not opened', async () => {
    await mkdir(join(root, '.quilt/packages'), { recursive: true })
    await writeFile(join(folder, 'outside'), '{"version": "v0"}\n')
    await symlink('../../../outside', join(root, '.quilt/packages', '2'.repeat(64)))
    await expect(registry.open('2'.repeat(64))).rejects.toMatchObject({ code: 'outside-root' })
    await expect(registry.open('../../x')).rejects.toMatchObject({ code: 'invalid-top-hash' })
  })
})

describe('version 2', () => {
  test('keeps manifests by package, and names revisions by the time of their manifest', async () => {
    const two = openRegistry(`file://${root}`, { layoutVersion: 2 })
    const builder = two.newPackage().set('a', bytes('1'))
    const first = await builder.push('u/p', { now })
    expect(first.pointer).toBeUndefined()
    expect(Object.keys(await tree(join(root, '.quilt'))).sort()).toEqual([
      `v2/manifests/u@p/${first.topHash}/manifest.jsonl`,
      'v2/tags/u@p/latest'
    ])
    expect((await two.packages({ limit: 10 })).items).toEqual([{ name: 'u/p' }])
    expect(await textOf(two, 'u/p', 'a')).toBe('1')
    expect((await two.revisions('u/p', { limit: 10 })).items).toMatchObject([
      { pointer: 'latest', topHash: first.topHash },
      { pointer: expect.stringMatching(/^\d{10}$/), topHash: first.topHash }
    ])
    expect(await two.resolve('u/p', first.topHash.slice(0, 7))).toBe(first.topHash)
    await expect(two.open('0'.repeat(64))).rejects.toMatchObject({ code: 'revision-not-found' })
  })
})

describe('the address of a registry', () => {
  test.each(['relative', 'http://host/x', 'file://host/x', 'file:relative'])('%s is refused', (uri) => {
    expect(() => openRegistry(uri)).toThrow(expect.objectContaining({ code: 'invalid-registry' }))
  })

  test('of a folder is spelled in one way', () => {
    expect(openRegistry(`file://${root}/`).uri).toBe(`file://${root}`)
    expect(openRegistry(`file://localhost${root}/x/..`).uri).toBe(`file://${root}`)
  })
})

test('a disk that is full leaves the old revision the latest', async () => {
  const small = join(folder, 'small')
  await mkdir(small)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', small], { stdio: 'ignore' })
  } catch {
    console.log('skipped: this user may not mount a small file system')
    return
  }
  try {
    const full = openRegistry(`file://${small}`)
    const builder = full.newPackage().set('a', bytes('x'))
    const { topHash } = await builder.push('u/p', { now })
    builder.set('large', Buffer.alloc(1_000_000, 'x'))
    await expect(builder.push('u/p', { now: later(1) })).rejects.toMatchObject({ code: 'storage-full' })
    expect(await full.resolve('u/p')).toBe(topHash)
    expect(await textOf(full, 'u/p', 'a')).toBe('x')
    expect(Object.keys(await tree(small)).filter((name) => name.includes('partial'))).toEqual([])
  } finally {
    execFileSync('umount', ['--lazy', small])
  }
})

test('a copy of a registry is read with the root it was recorded at, and never from there', async () => {
  await registry.newPackage().set('a', bytes('original')).push('u/p', { now })
  const copy = join(folder, 'copy')
  await cp(root, copy, { recursive: true })
  await writeFile(join(root, 'u/p/a'), 'changed!')
  expect(await textOf(openRegistry(`file://${copy}`, { recordedAt: `file://${root}` }), 'u/p', 'a')).toBe(
    'original'
  )
})
