import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { encodeForManifest, fromPlain } from '../json/index.ts'
import type { JsonValue } from '../json/value.ts'
import { mergeMetadata } from './merge-metadata.ts'
import { openRegistry } from './open-registry.ts'
import type { PackageBuilder } from './package-builder.ts'
import type { WritableRegistry } from './writable-registry.ts'

let folder: string
let registry: WritableRegistry

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'package-builder-'))
  registry = openRegistry(`file://${folder}/registry`)
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const bytes = (text: string): Uint8Array => Buffer.from(text)
const meta = (value: unknown): JsonValue => fromPlain(value)

/** Pushes a base revision of these keys and opens a builder on it. */
async function patchOf(...keys: string[]): Promise<PackageBuilder> {
  const builder = registry.newPackage().setMeta(meta({ base: true }))
  for (const key of keys) builder.set(key, bytes(key), meta({ of: key }))
  await builder
    .setFolderMeta('d', meta({ folder: 'd' }))
    .setFolderMeta('e/f', meta({ folder: 'e/f' }))
    .build('u/p')
  return await registry.patch('u/p')
}

/** Keys with the metadata of their entries, after a push. */
async function pushed(builder: PackageBuilder): Promise<readonly string[]> {
  const { topHash } = await builder.build('u/p')
  const manifest = await registry.open(topHash)
  return await Array.fromAsync(
    manifest.entries(),
    ({ logicalKey, record }) => `${logicalKey} ${encodeForManifest(record.meta)}`
  )
}

const own = (key: string): string => `${key} {"user_meta": {"of": "${key}"}}`

describe('a patch', () => {
  test('of nothing is the same revision', async () => {
    const builder = await patchOf('a', 'd/x', 'e/f/y')
    const { topHash } = await builder.build('u/p')
    expect(await registry.resolve('u/p')).toBe(topHash)
    expect(builder.parents('u/p').has(topHash)).toBe(true)
  })

  test('adds, replaces and removes entries, and leaves the others as they are', async () => {
    const builder = await patchOf('a', 'b', 'd/x', 'd/y', 'e/z')
    builder
      .set('0', bytes('new'))
      .set('b', bytes('replaced'))
      .set('d/w', bytes('new'))
      .set('z', bytes('new'))
      .remove('d/x')
      .remove('e')
    expect(await pushed(builder)).toEqual(['0 {}', own('a'), 'b {}', 'd/w {}', own('d/y'), 'z {}'])
  })

  test('keeps walk order, which is not the order of keys', async () => {
    const builder = await patchOf('a/b', 'a-b')
    builder.set('a!', bytes('x')).set('a/a', bytes('x')).set('a b', bytes('x'))
    expect((await pushed(builder)).map((line) => line.replace(/ \{.*/, ''))).toEqual([
      'a/a',
      'a/b',
      'a b',
      'a!',
      'a-b'
    ])
  })

  test('changes metadata of entries, and leaves what else their meta has', async () => {
    const builder = await patchOf('a', 'b')
    builder
      .setEntryMeta('a', meta({ new: 1 }))
      .set('b', bytes('b'), meta(1))
      .setEntryMeta('b', meta(2))
    expect(await pushed(builder)).toEqual(['a {"user_meta": {"new": 1}}', 'b {"user_meta": 2}'])
  })

  test('keeps the metadata of the package and of folders that are not removed', async () => {
    const builder = await patchOf('d/x', 'e/f/y')
    builder
      .remove('e')
      .setFolderMeta('g/', meta([1]))
      .setFolderMeta('h', meta({}))
    const manifest = await registry.open((await builder.build('u/p')).topHash)
    expect(await manifest.folderMetadata()).toEqual([
      ['d/', meta({ folder: 'd' })],
      ['g/', meta([1])]
    ])
    expect(manifest.header.userMeta).toEqual(meta({ base: true }))
    const next = (await registry.patch('u/p')).setFolderMeta('/', meta({ other: 1 }))
    expect(next.userMeta).toEqual(meta({ other: 1 }))
  })

  test('may remove what it set, and set what it removed', async () => {
    const builder = await patchOf('a', 'd/x')
    builder.set('n/1', bytes('1')).set('n/2', bytes('2')).remove('n').remove('d').set('d/y', bytes('y'))
    builder.setFolderMeta('n', meta(1)).setFolderMeta('a-folder', meta(1)).remove('a').set('a/b', bytes('x'))
    expect(await pushed(builder)).toEqual(['a/b {}', 'd/y {}'])
  })

  test('takes an entry of another package with its metadata', async () => {
    const builder = await patchOf('a')
    const manifest = await registry.open(await registry.resolve('u/p'))
    const entry = await manifest.entry('a')
    if (entry === undefined) throw new Error('no entry')
    builder.set('copy', entry).set('other', entry, meta({ mine: 1 }))
    expect(await pushed(builder)).toEqual([
      own('a'),
      `copy {"user_meta": {"of": "a"}}`,
      'other {"user_meta": {"mine": 1}}'
    ])
  })

  test('says when what it should remove or change is not there', async () => {
    const missing = { code: 'entry-not-found' }
    await expect((await patchOf('a')).remove('b').build('u/p')).rejects.toMatchObject({
      ...missing,
      key: 'b'
    })
    await expect((await patchOf('a')).remove('a/b').build('u/p')).rejects.toMatchObject(missing)
    await expect((await patchOf('a')).setEntryMeta('b', null).build('u/p')).rejects.toMatchObject(missing)
    await expect(registry.newPackage().setEntryMeta('b', null).build('u/p')).rejects.toMatchObject(missing)
  })

  test('says when an entry would be a folder of the base, or the reverse', async () => {
    const conflict = { code: 'key-conflict' }
    await expect((await patchOf('a/b')).set('a', bytes('x')).build('u/p')).rejects.toMatchObject({
      ...conflict,
      key: 'a'
    })
    await expect((await patchOf('a')).set('a/b', bytes('x')).build('u/p')).rejects.toMatchObject({
      ...conflict,
      key: 'a'
    })
  })
})

describe('a new package', () => {
  test('refuses keys that are none, and entries that would be folders', () => {
    const builder = registry.newPackage().set('a/b', bytes('x')).set('c', bytes('x'))
    for (const key of ['', 'a/', '/a', 'a//b', '.', 'a/../b'])
      expect(() => builder.set(key, bytes('x'))).toThrow(
        expect.objectContaining({ code: 'invalid-logical-key' })
      )
    expect(() => builder.set('a', bytes('x'))).toThrow(/Cannot overwrite directory/)
    expect(() => builder.set('c/d', bytes('x'))).toThrow(/Already a PackageEntry/)
    expect(() => builder.setFolderMeta('c', null)).toThrow(/Already a PackageEntry/)
    builder.remove('a/b').set('a', bytes('x'))
    builder.set('c', bytes('again')).remove('c').set('c/d', bytes('x'))
  })

  test('has the header of quilt3, whatever was set', () => {
    const header = (builder: PackageBuilder, message: string | null): string =>
      encodeForManifest(builder.header(undefined, message))
    expect(header(registry.newPackage(), null)).toBe('{"version": "v0", "message": null}')
    expect(header(registry.newPackage().setMeta(null), 'm')).toBe(
      '{"version": "v0", "user_meta": null, "message": "m"}'
    )
  })

  test('takes in a folder of files', async () => {
    const source = openRegistry(`file://${folder}/source`)
    await source.newPackage().set('x/y', bytes('1')).push('u/p')
    const builder = registry.newPackage()
    expect(await builder.addFolder('/in/', { folder: `${folder}/source/u` })).toBe(1)
    expect(await pushed(builder)).toEqual(['in/p/x/y {}'])
  })
})

test('metadata is merged by replacing members of the same name', () => {
  const changes = new Map<string, JsonValue>([
    ['b', 3n],
    ['c', 4n]
  ])
  expect(mergeMetadata(meta({ a: 1, b: { x: 2 } }), changes)).toEqual(meta({ a: 1, b: 3, c: 4 }))
  expect(mergeMetadata(undefined, changes)).toEqual(changes)
  expect(mergeMetadata(null, changes)).toEqual(changes)
  expect(() => mergeMetadata('text', changes)).toThrow(expect.objectContaining({ code: 'not-supported' }))
})
