import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { checkManifest, damaged, manifestSeeds } from '../../test/fuzz/manifests.ts'
import { goldenBytes } from '../../test/golden.ts'
import { anyPackage, manifestBytes } from '../../test/packages.ts'
import { Random } from '../../test/random.ts'

test('the scan and the general reader agree on ten thousand entries, on many packages and much damage', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'quilt-scan-'))
  const scratch = path.join(folder, 'manifest')
  expect(await checkManifest(goldenBytes('manifests/n10000.jsonl'), scratch)).toBe(true)
  await fc.assert(
    fc.asyncProperty(anyPackage, async (tree) => {
      expect(await checkManifest(await manifestBytes(tree), scratch)).toBe(true)
    }),
    { numRuns: 300 }
  )
  const random = new Random(20_260_102)
  const seeds = manifestSeeds()
  for (let run = 0; run < 3000; run++)
    await checkManifest(damaged(seeds[random.below(seeds.length)] ?? Buffer.alloc(0), random), scratch)
  rmSync(folder, { recursive: true })
})
