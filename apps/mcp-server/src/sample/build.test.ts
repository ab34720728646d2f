import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { buildSample } from './build.ts'
import { openDataSets } from './data-sets.ts'
import { samplePackages } from './packages.ts'

let scratch: string
let latest: ReadonlyMap<string, string>
const folder = (name: string): string => join(scratch, name)

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'sample-build-'))
  latest = await buildSample(folder('one'))
})

afterAll(() => rm(scratch, { recursive: true }))

/** Path, mode, time and digest of everything in a folder. */
async function listing(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const lines = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name)
    const { mode, mtimeMs } = await stat(path)
    const digest = entry.isFile()
      ? createHash('sha256')
          .update(await readFile(path))
          .digest('hex')
      : '-'
    return `${relative(root, path)} ${mode.toString(8)} ${String(mtimeMs)} ${digest}`
  })
  return (await Promise.all(lines)).sort()
}

describe('the sample registry', () => {
  test('has at least six packages, two with several revisions, each with README.md and quilt_summarize.json', async () => {
    expect(latest.size).toBeGreaterThanOrEqual(6)
    expect(samplePackages.filter(({ revisions }) => revisions.length > 1).length).toBeGreaterThanOrEqual(2)
    for (const hash of latest.values()) {
      const manifest = await readFile(join(folder('one'), '.quilt/packages', hash), 'utf8')
      expect(manifest).toContain('"logical_key": "README.md"')
      expect(manifest).toContain('"logical_key": "quilt_summarize.json"')
    }
  })

  test('is the same byte for byte when it is built again elsewhere', async () => {
    expect(await buildSample(folder('two'))).toEqual(latest)
    expect(await listing(folder('two'))).toEqual(await listing(folder('one')))
  })

  test('replaces what was there and leaves nothing beside it', async () => {
    const one = samplePackages.slice(0, 1)
    await buildSample(folder('three'), one)
    await writeFile(folder('three/stale'), 'old')
    await buildSample(folder('three'), one)
    expect(await readdir(folder('three'))).not.toContain('stale')
    expect((await readdir(scratch)).filter((name) => name.startsWith('.'))).toEqual([])
  })

  test('records its files below /app/sample, wherever it is built', async () => {
    for (const hash of latest.values()) {
      const manifest = await readFile(join(folder('one'), '.quilt/packages', hash), 'utf8')
      const keys = [...manifest.matchAll(/"physical_keys": \["([^"]+)"\]/g)].map((match) => match[1])
      expect(keys.length).toBeGreaterThan(2)
      for (const key of keys) expect(key).toMatch(/^file:\/\/\/app\/sample\//)
      expect(manifest).not.toContain(scratch)
    }
  })

  test('is smaller than 3 MB', async () => {
    const entries = await readdir(folder('one'), { recursive: true, withFileTypes: true })
    const sizes = await Promise.all(
      entries
        .filter((entry) => entry.isFile())
        .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size)
    )
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(3_000_000)
  })

  test('every README names source and licence of every file', async () => {
    const readme = await readFile(folder('one/climate/global-temperature/README.md'), 'utf8')
    expect(readme).toContain('# Global temperature and carbon dioxide')
    expect(readme).toMatch(
      /\| `co2\.csv` \| .* \| Scripps CO2 Program.* \| Creative Commons Attribution 4\.0 \|/
    )
  })

  test('a build that fails leaves what was there', async () => {
    const [first] = samplePackages
    if (first === undefined) throw new RangeError('no package')
    const [revision] = first.revisions
    const wrong = { ...first, revisions: [{ ...revision, data: { 'x.csv': 'no-such-file.csv' } }] as const }
    const before = await listing(folder('one'))
    await expect(buildSample(folder('one'), [wrong])).rejects.toThrow('no-such-file.csv')
    expect(await listing(folder('one'))).toEqual(before)
    expect((await readdir(scratch)).filter((name) => name.startsWith('.'))).toEqual([])
  })
})

test('a data set that vega-datasets does not have is an error that names it', async () => {
  const dataSets = await openDataSets()
  expect(() => dataSets.get('nope.csv')).toThrow(/nope\.csv/)
})
