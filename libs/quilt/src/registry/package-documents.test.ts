import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openRegistry } from './open-registry.ts'
import { readReadme, readSummary } from './package-documents.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'package-documents-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

/** What the documents of a package with these files are. */
async function documents(
  files: Readonly<Record<string, string | Uint8Array>>
): Promise<{ readonly readme: () => Promise<unknown>; readonly summary: () => Promise<unknown> }> {
  const registry = openRegistry(`file://${folder}/${String(Math.random())}`)
  const builder = registry.newPackage()
  for (const [key, content] of Object.entries(files)) builder.set(key, Buffer.from(content))
  const manifest = await registry.open((await builder.push('u/p')).topHash)
  return { readme: () => readReadme(registry, manifest), summary: () => readSummary(registry, manifest) }
}

describe('a README', () => {
  test('is the entry README.md at the root, in this spelling', async () => {
    expect(await (await documents({ 'README.md': '# Ü' })).readme()).toBe('# Ü')
    expect(await (await documents({ 'readme.md': 'a', 'x/README.md': 'b' })).readme()).toBeUndefined()
  })

  test('is refused where it is no text, or too long', async () => {
    const { readme } = await documents({ 'README.md': Buffer.from([0xff, 0x41]) })
    await expect(readme()).rejects.toMatchObject({ code: 'not-supported', key: 'README.md' })
    const long = await documents({ 'README.md': 'x'.repeat(1024 * 1024 + 1) })
    await expect(long.readme()).rejects.toMatchObject({ code: 'not-supported' })
  })
})

describe('quilt_summarize.json', () => {
  test('is rows of files, whatever form they have', async () => {
    const { summary } = await documents({
      'quilt_summarize.json':
        '["a.md", {"path": "b.csv", "title": "B", "expand": true, "types": ["perspective", {"name": "x"}], "new": 1}, ["c", {"path": "d", "width": "30%"}]]'
    })
    expect(await summary()).toEqual([
      [{ path: 'a.md' }],
      [{ path: 'b.csv', title: 'B', expand: true, types: ['perspective', { name: 'x' }] }],
      [{ path: 'c' }, { path: 'd', width: '30%' }]
    ])
    expect(await (await documents({ x: 'y' })).summary()).toBeUndefined()
  })

  test.each([
    '{',
    '{"path": "a"}',
    '[1]',
    '[{"title": "no path"}]',
    '[[["a"]]]',
    '[{"path": "a", "expand": 1}]'
  ])('is refused where it is %s', async (text) => {
    const { summary } = await documents({ 'quilt_summarize.json': text })
    await expect(summary()).rejects.toMatchObject({ code: 'invalid-summary', key: 'quilt_summarize.json' })
  })
})
