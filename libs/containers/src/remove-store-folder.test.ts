import { describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inFolder } from '../test/stand-in.ts'
import { removeStoreFolder } from './remove-store-folder.ts'

/** Only root mounts, and not in every container. */
const mounted = (path: string): boolean => spawnSync('mount', ['--bind', path, path]).status === 0

describe('removing the folder of a store', () => {
  test('takes it away, and is content where there is none', async () => {
    await inFolder(async (folder) => {
      const store = join(folder, 'store')
      await mkdir(join(store, 'overlay'), { recursive: true })
      await writeFile(join(store, 'overlay', 'file'), 'x')
      await removeStoreFolder(store)
      expect(existsSync(store)).toBe(false)
      await removeStoreFolder(store)
    })
  })

  test('unmounts what is left mounted in it, a mount within a mount first', async () => {
    await inFolder(async (folder) => {
      const store = join(folder, 'a store')
      const [outer, inner] = [join(store, 'overlay'), join(store, 'overlay', 'x')]
      await mkdir(inner, { recursive: true })
      const beside = join(folder, 'a store beside')
      await mkdir(beside)
      if (![outer, inner].every(mounted)) return
      await removeStoreFolder(store)
      expect([existsSync(store), existsSync(beside)]).toEqual([false, true])
    })
  })

  test('says what is in use', async () => {
    await inFolder(async (folder) => {
      const store = join(folder, 'store')
      const overlay = join(store, 'overlay')
      await mkdir(overlay, { recursive: true })
      if (!mounted(overlay)) return
      const before = process.cwd()
      process.chdir(overlay)
      try {
        await expect(removeStoreFolder(store)).rejects.toMatchObject({
          code: 'step-failed',
          message: expect.stringContaining(overlay)
        })
      } finally {
        process.chdir(before)
        spawnSync('umount', [overlay])
      }
    })
  })
})
