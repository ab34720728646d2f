import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { CacheFolder } from './cache-folder.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'quilt-cache-'))
})
afterEach(() => rm(folder, { recursive: true }))

const bytes = (size: number): Buffer => Buffer.alloc(size, 'x')

test('a file is written whole, read and removed', async () => {
  const cache = new CacheFolder(path.join(folder, 'new', 'cache'))
  expect(await cache.read('a')).toBeUndefined()
  await cache.touch('a')
  await cache.write('a', bytes(3))
  expect((await cache.read('a'))?.toString()).toBe('xxx')
  await cache.remove('a')
  await cache.remove('a')
  expect(await cache.read('a')).toBeUndefined()
})

test('the files used least recently go when there are too many bytes', async () => {
  const cache = new CacheFolder(folder, 250)
  for (const name of ['a', 'b']) await cache.write(name, bytes(100))
  await utimes(cache.path('a'), 1, 1)
  await utimes(cache.path('b'), 2, 2)
  await cache.read('a')
  await cache.write('c', bytes(100))
  expect((await readdir(folder)).sort()).toEqual(['a', 'c'])
  await cache.write('huge', bytes(1000))
  expect(await readdir(folder)).toEqual(['huge'])
})

test('nothing is left of a write that failed, and old leftovers of others go', async () => {
  const cache = new CacheFolder(folder)
  await writeFile(path.join(folder, 'x.1.abc.tmp'), 'left')
  await writeFile(path.join(folder, 'y.1.abc.tmp'), 'in use')
  await utimes(path.join(folder, 'x.1.abc.tmp'), 1, 1)
  await mkdir(path.join(folder, 'not ours'))
  const failed = cache.fill('a', async (file) => {
    await writeFile(file, 'half')
    throw new Error('no space')
  })
  await expect(failed).rejects.toThrow('no space')
  await cache.write('b', bytes(1))
  expect((await readdir(folder)).sort()).toEqual(['b', 'not ours', 'y.1.abc.tmp'])
})

test('a folder that is a link is not used: it could lead anywhere', async () => {
  const link = path.join(folder, 'link')
  await symlink(folder, link)
  await expect(new CacheFolder(link).write('a', bytes(1))).rejects.toMatchObject({ code: 'outside-root' })
})

test('each user has a folder', () => {
  expect(path.dirname(CacheFolder.ofUser().folder)).toBe(tmpdir())
})
