import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { checkManifest, damaged, manifestSeeds } from '../../test/fuzz/manifests.ts'
import { checkUrl, randomUrl } from '../../test/fuzz/urls.ts'
import { goldenBytes, goldenRows } from '../../test/golden.ts'
import { anyPackage, manifestBytes } from '../../test/packages.ts'
import { Random } from '../../test/random.ts'

let folder: string
let scratch: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'quilt-scan-'))
  scratch = path.join(folder, 'manifest')
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('the scan and the general reader agree', () => {
  test('on every golden package, which the scan reads alone', async () => {
    // the largest is in agreement.integration.test.ts
    for (const row of goldenRows('index.json').filter((each) => each.number('entries') <= 1000))
      expect([row.text('name'), await checkManifest(goldenBytes(row.text('manifest')), scratch)]).toEqual([
        row.text('name'),
        true
      ])
  })

  test('on every golden mutation', async () => {
    for (const row of goldenRows('mutations/index.json'))
      await checkManifest(goldenBytes(row.text('manifest')), scratch)
  })

  test('on any package', async () => {
    await fc.assert(
      fc.asyncProperty(anyPackage, async (tree) => {
        expect(await checkManifest(await manifestBytes(tree), scratch)).toBe(true)
      }),
      { numRuns: 25 }
    )
  })

  test('on damaged manifests (a short run of the fuzz target)', async () => {
    const random = new Random(20_260_101)
    const seeds = manifestSeeds()
    for (let run = 0; run < 250; run++) {
      const seed = seeds[random.below(seeds.length)] ?? Buffer.alloc(0)
      await checkManifest(damaged(seed, random), scratch)
    }
  })
})

test('an address that can be read is the same after it was written (a short run of the fuzz target)', () => {
  const random = new Random(7)
  for (let run = 0; run < 1500; run++) checkUrl(randomUrl(random))
})
