import { describe, expect, test } from '@jest/globals'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { inFolder, installStandIns, writeImage } from '../test/stand-in.ts'
import { engineFolder } from './engine-environment.ts'
import { findEngine } from './find-engine.ts'
import { removeStore } from './remove-store.ts'

async function prepared(folder: string, kind: 'docker' | 'podman') {
  const bin = await installStandIns(folder, [kind])
  const environment = { variables: { PATH: `${bin}:${process.env['PATH'] ?? ''}` }, policy: undefined }
  const engine = await findEngine(folder, { CONTAINER_ENGINE: kind }, { environment })
  await mkdir(join(engineFolder(folder), 'storage'), { recursive: true })
  return engine
}

describe('removing the store of a workspace', () => {
  test('takes it away where there is no container', async () => {
    await inFolder(async (folder) => {
      const engine = await prepared(folder, 'podman')
      expect(await removeStore(folder, engine)).toBe(true)
      expect(existsSync(engineFolder(folder))).toBe(false)
      expect(await removeStore(folder, engine)).toBe(false)
    })
  })

  test('leaves it where there is one, though it has ended', async () => {
    await inFolder(async (folder) => {
      const engine = await prepared(folder, 'podman')
      const archive = join(folder, 'image.tar')
      await writeImage(archive, { layers: [{ files: { 'app/main.js': '' } }] })
      const image = await engine.load(archive)
      await engine.run({ name: 'one', image, publish: { containerPort: 8000 } })
      expect(await removeStore(folder, engine)).toBe(false)
      expect(existsSync(engineFolder(folder))).toBe(true)
      await engine.remove('one')
    })
  })

  test('leaves docker’s alone', async () => {
    await inFolder(async (folder) => {
      expect(await removeStore(folder, await prepared(folder, 'docker'))).toBe(false)
      expect(existsSync(engineFolder(folder))).toBe(true)
    })
  })
})
