import { describe, expect, test } from '@jest/globals'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inFolder, layerTar, sha256 } from '../test/image.ts'
import { readOciArchive } from './oci-archive.ts'
import { scanLayers } from './oci-layers.ts'
import { writeOciArchive } from './write-oci-archive.ts'

describe('writing an OCI archive', () => {
  test('what is written reads back, and twice the same', async () => {
    await inFolder(async (folder) => {
      const layer = join(folder, 'layer.tar')
      const tar = await layerTar({ 'bin/node': 'x'.repeat(100_000) })
      await writeFile(layer, tar)
      const image = {
        layer,
        name: 'base:1',
        architecture: 'amd64',
        created: new Date('1980-01-01T00:00:01Z'),
        environment: { PATH: '/bin' }
      } as const
      const [one, two] = [join(folder, '1.tar'), join(folder, '2.tar')]
      const first = await writeOciArchive(image, one)
      expect(await writeOciArchive(image, two)).toEqual(first)
      expect((await readFile(one)).equals(await readFile(two))).toBe(true)
      expect(first).toMatchObject({ layerDigest: sha256(tar), layerSize: tar.length })
      const archive = await readOciArchive(one)
      expect(archive).toMatchObject({
        imageId: first.imageId,
        referenceName: 'base:1',
        config: { created: '1980-01-01T00:00:01Z', environment: { PATH: '/bin' } }
      })
      const paths: string[] = []
      await scanLayers(archive, ({ path }) => void paths.push(path))
      expect(paths).toEqual(['bin/node'])
    })
  })
})
