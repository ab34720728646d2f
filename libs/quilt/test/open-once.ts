import { CacheFolder } from '../src/cache/cache-folder.ts'
import { openManifest } from '../src/manifest/open.ts'
import { WorkerPool } from '../src/worker/pool.ts'

// a process of its own: opens a manifest with a cache folder, searches it, prints what it found
const [file = '', folder = ''] = process.argv.slice(2)
const manifest = await openManifest(file, { cache: new CacheFolder(folder), workers: new WorkerPool() })
const { total } = await manifest.search({ text: '7.CSV', in: 'keys', limit: 1 })
console.log(JSON.stringify({ topHash: manifest.topHash, files: manifest.files, total }))
await manifest.close()
