import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { loadManifest } from '../manifest/read.ts'
import { topHash } from '../top-hash.ts'
import type { Manifest } from '../types.ts'
import { fetchPackage } from './fetch.ts'
import { openRegistry } from './open-registry.ts'
import { verifyFolder, verifyPackage } from './verify.ts'
import type { WritableRegistry } from './writable-registry.ts'

let folder: string
let registry: WritableRegistry
let target: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fetch-'))
  target = join(folder, 'target')
  registry = openRegistry(`file://${folder}/registry`)
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function packageOf(contents: Readonly<Record<string, string>>): Promise<Manifest> {
  const builder = registry.newPackage()
  for (const [key, text] of Object.entries(contents)) builder.set(key, Buffer.from(text))
  return await registry.open((await builder.push('u/p', { force: true })).topHash)
}

/** A manifest of lines as they are, whose entries all name the same file. */
/** A package written by hand, stored as its top hash says, or as another. */
async function manifestOf(keys: readonly string[], fields: string, storedAs?: string): Promise<Manifest> {
  const file = join(folder, 'registry/data')
  await mkdir(join(folder, 'registry/.quilt/packages'), { recursive: true })
  await writeFile(file, 'data')
  const lines = keys.map(
    (key) =>
      `{"logical_key": ${JSON.stringify(key)}, "physical_keys": ["file://${file}"], ${fields}, "meta": {}}`
  )
  const bytes = Buffer.from(['{"version": "v0"}', ...lines, ''].join('\n'))
  const tree = await loadManifest([bytes])
  // without checksums there is no top hash
  const isComplete = !fields.includes('null')
  const hash = storedAs ?? (isComplete ? await topHash(tree.header, tree.walk()) : 'a'.repeat(64))
  await writeFile(join(folder, 'registry/.quilt/packages', hash), bytes)
  return await registry.open(hash)
}

const verified = async (manifest: Manifest): Promise<readonly string[]> =>
  await Array.fromAsync(verifyFolder(manifest, target), ({ kind, logicalKey }) => `${kind} ${logicalKey}`)

describe('fetching', () => {
  test('writes every entry to a file of its name', async () => {
    const manifest = await packageOf({ a: '1', 'b/c d/é': '22', 'b/e': '' })
    expect(await fetchPackage(registry, manifest, target)).toEqual({ files: 3, bytes: 3, unverified: 0 })
    expect(await readFile(join(target, 'b/c d/é'), 'utf8')).toBe('22')
    expect(await verified(manifest)).toEqual([])
  })

  test('may be limited to a folder of the package', async () => {
    const manifest = await packageOf({ a: '1', 'b/c': '2', 'b-d': '3' })
    expect(await fetchPackage(registry, manifest, target, { within: 'b' })).toMatchObject({ files: 1 })
    expect(await readdir(target)).toEqual(['b'])
  })

  test.each(['../out', 'a/../../out', '/etc/x', 'a//b', '.', 'a/.', 'a\0b'])(
    'refuses the whole package for the key %j, before it writes anything',
    async (key) => {
      const manifest = await manifestOf(['good', key], '"size": 4, "hash": null')
      await expect(fetchPackage(registry, manifest, target)).rejects.toMatchObject({
        code: 'invalid-logical-key',
        key
      })
      expect(await readdir(folder)).not.toContain('target')
      expect(await readdir(folder)).not.toContain('out')
    }
  )

  test('does not write through links that lead out of the folder', async () => {
    const manifest = await packageOf({ 'link/a': 'x' })
    await mkdir(target)
    await symlink('..', join(target, 'link'))
    await expect(fetchPackage(registry, manifest, target)).rejects.toMatchObject({ code: 'outside-root' })
    expect(await readdir(folder)).not.toContain('a')
  })

  test('leaves no file whose bytes are not those of the entry', async () => {
    const manifest = await packageOf({ a: 'right' })
    await writeFile(join(folder, 'registry/u/p/a'), 'wrong')
    await expect(fetchPackage(registry, manifest, target)).rejects.toMatchObject({ code: 'hash-mismatch' })
    await writeFile(join(folder, 'registry/u/p/a'), 'longer than it was')
    await expect(fetchPackage(registry, manifest, target)).rejects.toMatchObject({ code: 'size-mismatch' })
    expect(await readdir(target)).toEqual([])
  })

  test('counts what could not be verified', async () => {
    const manifest = await manifestOf(['a'], '"size": 4, "hash": {"type": "MD5", "value": "x"}')
    expect(await fetchPackage(registry, manifest, target)).toEqual({ files: 1, bytes: 4, unverified: 1 })
  })

  test('can be aborted, and needs an absolute path', async () => {
    const manifest = await packageOf({ a: '1' })
    const signal = AbortSignal.abort()
    await expect(fetchPackage(registry, manifest, target, { signal })).rejects.toMatchObject({
      code: 'aborted'
    })
    await expect(fetchPackage(registry, manifest, 'relative')).rejects.toMatchObject({
      code: 'invalid-destination'
    })
  })
})

describe('verifying', () => {
  test('names what is missing, changed or too much in a folder', async () => {
    const manifest = await packageOf({ a: '1', b: '2', c: '3', d: '4' })
    await fetchPackage(registry, manifest, target)
    await rm(join(target, 'a'))
    await writeFile(join(target, 'b'), 'longer')
    await writeFile(join(target, 'c'), 'x')
    await writeFile(join(target, 'e'), '5')
    expect(await verified(manifest)).toEqual(['missing a', 'size b', 'hash c', 'extra e'])
  })

  test('names what is missing or changed where the entries lie', async () => {
    const manifest = await packageOf({ a: '1', b: '2', c: '3' })
    await rm(join(folder, 'registry/u/p/a'))
    await writeFile(join(folder, 'registry/u/p/b'), 'x')
    const found = await Array.fromAsync(
      verifyPackage(registry, manifest),
      ({ kind, logicalKey }) => `${kind} ${logicalKey}`
    )
    expect(found).toEqual(['missing a', 'hash b'])
  })

  test('refuses checksums that are not known, before it reads anything', async () => {
    const manifest = await manifestOf(['a'], '"size": 4, "hash": {"type": "MD5", "value": "x"}')
    await expect(verified(manifest)).rejects.toMatchObject({ code: 'unsupported-hash' })
    const without = await manifestOf(['a'], '"size": 4, "hash": null')
    await expect(verified(without)).rejects.toMatchObject({ code: 'entry-incomplete' })
  })

  test.each([
    ['in order', ['a', 'b']],
    ['in no order', ['b', 'a']]
  ])('refuses a manifest that is not what its top hash says, %s', async (_, keys) => {
    const fields = '"size": 4, "hash": {"type": "SHA256", "value": "x"}'
    const manifest = await manifestOf(keys, fields, 'b'.repeat(64))
    await mkdir(target)
    const refused = { code: 'manifest-hash-mismatch', message: expect.stringContaining('b'.repeat(64)) }
    await expect(verified(manifest)).rejects.toMatchObject(refused)
    await expect(Array.fromAsync(verifyPackage(registry, manifest))).rejects.toMatchObject(refused)
    expect(await verified(await manifestOf(keys, fields))).toEqual(['missing a', 'missing b'])
  })

  test('takes a key that cannot be a path for a file that is missing', async () => {
    const manifest = await manifestOf(
      ['../registry/data'],
      '"size": 4, "hash": {"type": "SHA256", "value": "x"}'
    )
    await mkdir(target)
    expect(await verified(manifest)).toEqual(['missing ../registry/data'])
  })
})
