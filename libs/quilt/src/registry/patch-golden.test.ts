import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { goldenBytes, goldenRows } from '../../test/golden.ts'
import { openRegistry } from './open-registry.ts'
import type { WritableRegistry } from './writable-registry.ts'

let folder: string
let registry: WritableRegistry

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patch-golden-'))
  registry = openRegistry(`file://${folder}`)
})
afterAll(async () => {
  await registry.close()
  await rm(folder, { recursive: true })
})

/** Lines of a manifest but its header, and without the metadata of folders. */
function entryLines(manifest: string): readonly string[] {
  return manifest.split('\n').filter((line) => line.includes('"physical_keys"'))
}

// What has no checksum gets one, from bytes that are not here.
const rows = goldenRows('mutations/index.json').filter((row) => {
  const quilt3 = row.row('quilt3')
  return quilt3.flag('ok') && !/"hash": *null/.test(goldenBytes(row.text('manifest')).toString())
})

describe('a patch that changes nothing', () => {
  test.each(rows.map((row, index) => [row.text('name'), row, index] as const))(
    'of the golden mutation %s writes its entries as the Python client does',
    async (_, row, index) => {
      const bytes = goldenBytes(row.text('manifest'))
      const hash = String(index).padStart(64, '0')
      const pointers = join(folder, `.quilt/named_packages/u/p${index}`)
      await mkdir(join(folder, '.quilt/packages'), { recursive: true })
      await mkdir(pointers, { recursive: true })
      await writeFile(join(folder, '.quilt/packages', hash), bytes)
      await writeFile(join(pointers, 'latest'), hash)
      const builder = await registry.patch(`u/p${index}`)
      const { topHash } = await builder.build(`u/p${index}`)
      await builder.close()
      const built = await readFile(join(folder, '.quilt/packages', topHash), 'utf8')
      const quilt3 = row.row('quilt3')
      expect(entryLines(built)).toEqual(
        entryLines(quilt3.has('dump') ? quilt3.text('dump') : bytes.toString())
      )
    }
  )
})
