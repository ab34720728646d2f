import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { S3Server } from '../../test/s3/server.ts'
import { openRegistry } from './open-registry.ts'
import type { WritableRegistry } from './writable-registry.ts'

let server: S3Server
let folder: string
const now = Date.now()

beforeAll(async () => {
  server = await S3Server.start()
})
afterAll(async () => {
  await server.stop()
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'manage-'))
  server.buckets.create('lab')
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const s3 = (): { readonly s3: object; readonly cacheFolder: string } => ({
  s3: { endpoint: server.endpoint, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } },
  cacheFolder: join(folder, 'cache')
})

const kinds: Readonly<Record<string, () => WritableRegistry>> = {
  'a folder': () => openRegistry(`file://${folder}/registry`),
  'a folder of version 2': () => openRegistry(`file://${folder}/registry`, { layoutVersion: 2 }),
  'a bucket': () => openRegistry('s3://lab', s3()),
  'a bucket of version 2': () => openRegistry('s3://lab', { ...s3(), layoutVersion: 2 })
}

/** Pushes three revisions, a second apart, and returns their hashes. */
async function threeRevisions(registry: WritableRegistry): Promise<readonly [string, string, string]> {
  const builder = registry.newPackage()
  const push = async (text: string, seconds: number): Promise<string> => {
    const { topHash } = await builder
      .set('a', Buffer.from(text))
      .push('u/p', { now: new Date(now + seconds * 1000) })
    // version 2 orders revisions by the time their manifests were written
    await new Promise((resolve) => setTimeout(resolve, 5))
    return topHash
  }
  return [await push('1', 0), await push('2', 1), await push('3', 2)]
}

describe.each(Object.keys(kinds))('in %s', (kind) => {
  const open = (): WritableRegistry => {
    const make = kinds[kind]
    if (make === undefined) throw new Error(kind)
    return make()
  }

  test('a roll back makes an earlier revision the latest', async () => {
    const registry = open()
    const [first, , third] = await threeRevisions(registry)
    await registry.rollback('u/p', first.slice(0, 8))
    expect(await registry.resolve('u/p')).toBe(first)
    await registry.rollback('u/p', third)
    expect(await registry.resolve('u/p')).toBe(third)
    await expect(registry.rollback('u/p', 'f'.repeat(64))).rejects.toMatchObject({
      code: 'revision-not-found'
    })
    await expect(registry.rollback('u/none', first)).rejects.toMatchObject({
      code: expect.stringMatching(/package-not-found|revision-not-found/)
    })
  })

  test('a revision that is deleted is gone, and the newest of the others is the latest', async () => {
    const registry = open()
    const [first, second, third] = await threeRevisions(registry)
    await registry.deleteRevision('u/p', third)
    expect(await registry.resolve('u/p')).toBe(second)
    await registry.deleteRevision('u/p', first)
    const { items } = await registry.revisions('u/p', { limit: 10 })
    expect(new Set(items.map(({ topHash }) => topHash))).toEqual(new Set([second]))
    await registry.deleteRevision('u/p', second)
    await expect(registry.resolve('u/p')).rejects.toMatchObject({ code: 'package-not-found' })
    expect((await registry.packages({ limit: 10 })).items).toEqual([])
    await expect(registry.deleteRevision('u/p', second)).rejects.toMatchObject({ code: 'revision-not-found' })
  })

  test('a package that is deleted is gone, the others stay', async () => {
    const registry = open()
    await threeRevisions(registry)
    await registry.newPackage().push('u/q')
    await registry.deletePackage('u/p')
    expect((await registry.packages({ limit: 10 })).items).toEqual([{ name: 'u/q' }])
    expect((await registry.revisions('u/p', { limit: 10 })).items).toEqual([])
    await registry.deletePackage('u/q')
    expect((await registry.packages({ limit: 10 })).items).toEqual([])
  })

  test('tags name revisions until they are moved or removed', async () => {
    const registry = open()
    const [first, second] = await threeRevisions(registry)
    await registry.setTag('u/p', 'stable', first)
    expect(await registry.resolve('u/p', 'stable')).toBe(first)
    await registry.setTag('u/p', 'stable', second.slice(0, 10))
    expect(await registry.resolve('u/p', 'stable')).toBe(second)
    await registry.deleteTag('u/p', 'stable')
    await expect(registry.resolve('u/p', 'stable')).rejects.toThrow()
    await expect(registry.deleteTag('u/p', 'stable')).rejects.toMatchObject({ code: 'revision-not-found' })
    for (const tag of ['latest', '123', '', '.', '..', 'a/b', 'a\0'])
      await expect(registry.setTag('u/p', tag, first)).rejects.toMatchObject({ code: 'invalid-tag' })
    await expect(registry.setTag('u/p', 'x', 'f'.repeat(64))).rejects.toMatchObject({
      code: 'revision-not-found'
    })
  })
})

test('deleting in a folder leaves no empty folders, and says when there is nothing to delete', async () => {
  const registry = openRegistry(`file://${folder}/registry`)
  await registry.newPackage().push('u/p')
  await registry.deletePackage('u/p')
  expect((await readdir(join(folder, 'registry/.quilt'))).sort()).toEqual(['lock', 'packages'])
  await expect(registry.deletePackage('u/p')).rejects.toMatchObject({ code: 'package-not-found' })
})

test('a pointer that holds rubbish does not keep revisions from being deleted', async () => {
  const registry = openRegistry(`file://${folder}/registry`)
  const { topHash } = await registry.newPackage().push('u/p')
  await writeFile(join(folder, 'registry/.quilt/named_packages/u/p/zzz'), 'rubbish')
  await registry.deleteRevision('u/p', topHash)
  await expect(registry.resolve('u/p')).rejects.toMatchObject({ code: 'package-not-found' })
})
