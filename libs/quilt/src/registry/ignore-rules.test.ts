import { describe, expect, test } from '@jest/globals'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { ignoreRules } from './ignore-rules.ts'
import { openRegistry } from './open-registry.ts'

// What quilt3 8.0.0 says of the same paths.
describe('a line of .quiltignore', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['*.csv', ['a.csv', 'd/a.csv', '.csv'], ['a.CSV', 'a.csv.gz']],
    ['build', ['build', 'build/a', 'd/build/a/b'], ['rebuild', 'build.txt']],
    ['build/', ['build/a', 'd/build/a'], ['build', 'd/build']],
    ['a?c', ['abc', 'd/a😀c', 'a/c'], ['ac', 'abbc']],
    ['[a-c].t', ['b.t'], ['d.t', '-.t']],
    ['[!a-c].t', ['d.t', '-.t'], ['b.t']],
    ['[]a].t', ['].t', 'a.t'], ['b.t']],
    ['[a.t', ['[a.t'], ['a.t']],
    ['d/*.t', ['d/a.t', 'd/e/a.t', 'x/d/a.t'], ['a.t', 'ad/a.t']],
    ['# not a comment', ['# not a comment'], ['not a comment']],
    ['!a', ['!a'], ['a']]
  ])('%j', (line, ignored, kept) => {
    const isIgnored = ignoreRules(`\n${line}\r\n\r`, '/root')
    expect([...ignored, ...kept].filter(isIgnored)).toEqual(ignored)
  })

  test('that nobody could try in all ways is answered at once', () => {
    const isIgnored = ignoreRules(`${'*a'.repeat(200)}*b`, '/root')
    expect(isIgnored('a'.repeat(4000))).toBe(false)
  })
})

test('files that .quiltignore names are not put into a package', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ignore-rules-'))
  for (const name of ['a.csv', 'b.tmp', '.git/config', 'd/c.tmp', 'd/e.csv']) {
    await mkdir(join(folder, 'source', name, '..'), { recursive: true })
    await writeFile(join(folder, 'source', name), name)
  }
  await writeFile(join(folder, 'source/.quiltignore'), '*.tmp\n.git/\n')
  const builder = openRegistry(`file://${folder}/registry`).newPackage()
  expect(await builder.addFolder('x', { folder: join(folder, 'source') })).toBe(3)
  const keys = await Array.fromAsync(builder.entries(), ({ logicalKey }) => logicalKey)
  expect(keys).toEqual(['x/.quiltignore', 'x/a.csv', 'x/d/e.csv'])
  await rm(folder, { recursive: true })
})
