import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { largeManifest } from '../../test/large-manifest.ts'

const entries = 4000
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'quilt-open-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('a cache folder may be shared by processes that open the same manifest at the same time', async () => {
  const file = path.join(folder, 'manifest')
  const cacheFolder = path.join(folder, 'cache')
  await writeFile(file, largeManifest(entries))
  const program = fileURLToPath(new URL('../../test/open-once.ts', import.meta.url))
  const run = async (): Promise<unknown> =>
    JSON.parse(
      (await promisify(execFile)(process.execPath, ['--no-warnings', program, file, cacheFolder])).stdout
    )
  const [first, ...others] = await Promise.all([run(), run(), run()])
  expect(first).toMatchObject({ files: entries, total: entries / 10 })
  for (const other of others) expect(other).toEqual(first)
  const kinds = (await readdir(cacheFolder)).map((name) => path.extname(name))
  expect(kinds.sort()).toEqual(['.index', '.keys'])
  expect(await run()).toEqual(first)
})
