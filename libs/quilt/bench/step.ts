import { rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { CacheFolder } from '../src/cache/cache-folder.ts'
import { hashFile } from '../src/checksums/hash-file.ts'
import { diff } from '../src/diff.ts'
import { createEntry } from '../src/entry.ts'
import { openManifest, topHashOfFile } from '../src/manifest/open.ts'
import { openRegistry } from '../src/registry/open-registry.ts'
import { writeManifestFile } from '../src/manifest/write.ts'
import { WorkerPool } from '../src/worker/pool.ts'
import type { Entry, Manifest } from '../src/types.ts'

// One step of the benchmark in a process of its own: node step.mjs STEP CACHE FILE...; prints one line of JSON

const [step = '', cacheFolder = '', file = '', other = ''] = process.argv.slice(2)
const cache = new CacheFolder(cacheFolder)
const workers = new WorkerPool()
const openOnce = (name = file): Promise<Manifest> => openManifest(name, { cache, workers, topHash: 'given' })
const page = (manifest: Manifest): Promise<unknown> => manifest.folder('dir050', { limit: 50 })

/** Milliseconds that something takes. */
async function timed(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await action()
  return performance.now() - start
}

function* newEntries(count: number): Generator<Entry> {
  for (let index = 0; index < count; index++) {
    const logicalKey = `dir${String(Math.floor(index / 10_000)).padStart(3, '0')}/file${String(index).padStart(7, '0')}.csv`
    yield createEntry({
      logicalKey,
      physicalKey: {
        kind: 's3',
        bucket: 'bench-bucket',
        key: `user/pkg/${logicalKey}`,
        versionId: `${String(index).padStart(16, 'A')}bcdefghijklmnop`
      },
      size: index * 37,
      hash: { type: 'sha2-256-chunked', value: 'LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=' }
    })
  }
}

/** What each step does; the time of a step is that of its process unless it says another. */
const steps: Readonly<Record<string, () => Promise<number | undefined>>> = {
  async first() {
    rmSync(cacheFolder, { recursive: true, force: true })
    await page(await openOnce())
    return undefined
  },
  async later() {
    await page(await openOnce())
    return undefined
  },
  async 'same-process'() {
    await page(await openOnce())
    return await timed(async () => page(await openOnce()))
  },
  async 'next-page'() {
    const manifest = await openOnce()
    await page(manifest)
    return await timed(() => page(manifest))
  },
  async entry() {
    const manifest = await openOnce()
    for (let index = 1; index < 50; index++)
      await manifest.entry(`dir0${10 + index}/file0${10 + index}0001.csv`)
    return await timed(() => manifest.entry('dir077/file0777777.csv'))
  },
  async keys() {
    let bytes = 0
    for await (const batch of (await openOnce()).keys()) for (const { size } of batch) bytes += size ?? 0
    if (bytes === 0) throw new Error('no bytes')
    return undefined
  },
  async fields() {
    let sum = 0
    for await (const batch of (await openOnce()).entryBatches())
      for (const { record, physicalKey, hash, logicalKey } of batch)
        sum +=
          logicalKey.length +
          Number(record.size) +
          (hash?.value.length ?? 0) +
          physicalKey.kind.length +
          (record.meta === null ? 1 : 0)
    if (sum === 0) throw new Error('nothing')
    return undefined
  },
  async 'top-hash'() {
    await topHashOfFile(file, { cache, workers })
    return undefined
  },
  async write() {
    const out = await open(file, 'w')
    const header = new Map([['version', 'v0']])
    // as with quilt3 the writing alone, though here the entries are made meanwhile
    return await timed(async () => {
      await writeManifestFile(out, { header, entries: newEntries(1_000_000) })
      await out.close()
    })
  },
  async diff() {
    const [before, after] = await Promise.all([openOnce(), openOnce(other)])
    await diff(before, after)
    return undefined
  },
  async hash() {
    await hashFile(file, { workers })
    return undefined
  },
  async 'list-packages'() {
    const registry = openRegistry(`file://${file}`)
    return await timed(() => registry.packages({ limit: 1000 }))
  },
  async 'list-revisions'() {
    const registry = openRegistry(`file://${file}`)
    return await timed(async () => {
      const { items } = await registry.packages({ limit: 1000 })
      for (const { name } of items) await registry.revisions(name, { limit: 100 })
    })
  },
  async 'search-first'() {
    const manifest = await openOnce()
    rmSync(cacheFolder, { recursive: true, force: true })
    return await timed(() => manifest.search({ text: '777', in: 'keys', limit: 20 }))
  },
  async search() {
    const manifest = await openOnce()
    await manifest.search({ text: '777', in: 'keys', limit: 20 })
    return await timed(() => manifest.search({ text: '12', in: 'keys', limit: 20 }))
  },
  async 'search-metadata'() {
    const manifest = await openOnce()
    return await timed(() => manifest.search({ text: 'P-77', in: 'metadata', limit: 20 }))
  }
}

const action = steps[step]
if (action === undefined) throw new Error(`no step ${step}`)
const own = await action()
process.stdout.write(`${JSON.stringify({ own, mebibytes: process.resourceUsage().maxRSS / 1024 })}\n`)
process.exit(0)
