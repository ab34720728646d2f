import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { Random } from '../random.ts'
import { checkManifest, damaged, manifestSeeds } from './manifests.ts'
import { checkUrl, randomUrl } from './urls.ts'

// nx run quilt:fuzz --minutes=10: damaged manifests and random addresses; ends with 1 and the input where one is read wrongly
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } }
})
const seed = values.seed === undefined ? Date.now() : Number(values.seed)
const end = Date.now() + Number(values.minutes) * 60_000
const folder = mkdtempSync(path.join(tmpdir(), 'quilt-fuzz-'))
const random = new Random(seed)
const [first, ...others] = manifestSeeds()
if (first === undefined) throw new Error('there are no golden manifests')
let runs = 0
let slowest = 0
console.log(`fuzzing for ${values.minutes} minutes with --seed=${seed}`)
try {
  while (Date.now() < end) {
    const start = performance.now()
    await checkManifest(damaged(random.pick([first, ...others]), random), path.join(folder, 'manifest'))
    checkUrl(randomUrl(random))
    slowest = Math.max(slowest, performance.now() - start)
    runs++
  }
} finally {
  rmSync(folder, { recursive: true })
}
console.log(
  `${runs} manifests and ${runs} addresses, none read wrongly; the slowest took ${slowest.toFixed(0)} ms`
)
