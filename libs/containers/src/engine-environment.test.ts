import { describe, expect, test } from '@jest/globals'
import { existsSync } from 'node:fs'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inFolder } from '../test/image.ts'
import { engineFolder, isolatedStore, prepareEngine } from './engine-environment.ts'

const onLinux = process.platform === 'linux' ? describe : describe.skip

onLinux('preparing the engine of a workspace', () => {
  test('puts configuration and store into the workspace', async () => {
    await inFolder(async (workspace) => {
      const { variables, policy } = await prepareEngine(workspace)
      const folder = join(workspace, '.local', 'containers')
      expect(engineFolder(workspace)).toBe(folder)
      expect(variables).toEqual({
        CONTAINERS_CONF: join(folder, 'containers.conf'),
        CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'),
        CONTAINERS_REGISTRIES_CONF: join(folder, 'registries.conf')
      })
      expect(policy).toBe(join(folder, 'policy.json'))
      for (const path of [...Object.values(variables), policy ?? '']) expect(existsSync(path)).toBe(true)
      expect(await readFile(join(folder, 'storage.conf'), 'utf8')).toContain(join(folder, 'storage'))
    })
  })

  test('writes nothing when nothing changed', async () => {
    await inFolder(async (workspace) => {
      const { variables } = await prepareEngine(workspace)
      const path = variables['CONTAINERS_CONF'] ?? ''
      const before = await stat(path)
      await prepareEngine(workspace)
      const after = await stat(path)
      expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs])
    })
  })

  test('mends a configuration that was changed', async () => {
    await inFolder(async (workspace) => {
      const { variables } = await prepareEngine(workspace)
      const path = variables['CONTAINERS_REGISTRIES_CONF'] ?? ''
      await writeFile(path, 'nonsense')
      await prepareEngine(workspace)
      expect(await readFile(path, 'utf8')).toMatch(/unqualified/)
    })
  })

  test('forgets the run state of before a reboot and keeps the images', async () => {
    await inFolder(async (workspace) => {
      await prepareEngine(workspace)
      const folder = engineFolder(workspace)
      for (const name of ['run', 'tmp', 'storage']) await mkdir(join(folder, name))
      await prepareEngine(workspace)
      expect(existsSync(join(folder, 'run'))).toBe(true)
      await writeFile(join(folder, 'origin'), `another-boot\n${folder}\n`)
      await prepareEngine(workspace)
      expect(['run', 'tmp', 'storage'].filter((name) => existsSync(join(folder, name)))).toEqual(['storage'])
    })
  })

  test('forgets a store with the paths of another place', async () => {
    await inFolder(async (workspace) => {
      await prepareEngine(workspace)
      const folder = engineFolder(workspace)
      await mkdir(join(folder, 'storage'))
      await writeFile(join(folder, 'origin'), 'a-boot\n/moved/from/here\n')
      await prepareEngine(workspace)
      expect(existsSync(join(folder, 'storage'))).toBe(false)
    })
  })

  test('an isolated store shares nothing but registries and policy', async () => {
    await inFolder(async (workspace) => {
      const own = await prepareEngine(workspace)
      const folder = join(workspace, 'apart')
      const { variables, policy } = await isolatedStore(own, folder)
      expect(policy).toBe(own.policy)
      expect(variables).toEqual({
        ...own.variables,
        CONTAINERS_CONF: join(folder, 'containers.conf'),
        CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf')
      })
      const text = await readFile(join(folder, 'containers.conf'), 'utf8')
      expect(text).not.toContain(engineFolder(workspace))
    })
  })
})
