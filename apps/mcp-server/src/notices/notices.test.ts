import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isPermissive, notices, packageFolders } from './notices.ts'

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'notices-'))
})
afterEach(() => rm(root, { recursive: true }))

async function install(folder: string, manifest: object, files: Readonly<Record<string, string>> = {}) {
  await mkdir(join(root, folder), { recursive: true })
  await writeFile(join(root, folder, 'package.json'), JSON.stringify(manifest))
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, folder, name), text)
}

describe('notices', () => {
  test('hold name, version, licence and the texts of each package, once', async () => {
    await install(
      'node_modules/a',
      { name: 'a', version: '1.0.0', license: 'MIT' },
      { LICENSE: 'You may.\n', 'NOTICE.txt': 'By A.', 'licensing.js': 'x' }
    )
    await install('node_modules/@s/b', { name: '@s/b', version: '2.0.0', license: 'Apache-2.0' })
    const text = await notices(root, [
      'node_modules/a/x.js',
      'node_modules/a/deep/y.js',
      'node_modules/@s/b/z.js',
      'libs/own/src/index.ts',
      'imported:node:fs'
    ])
    expect(text).toContain('a 1.0.0 (MIT)\n\nYou may.\n\nBy A.\n')
    expect(text).toContain('@s/b 2.0.0 (Apache-2.0)\n')
    expect(text.match(/a 1\.0\.0/g)).toHaveLength(1)
    expect(text).not.toContain('own')
  })

  test('give a text that two packages share once, below both names', async () => {
    for (const name of ['a', 'b'])
      await install(`node_modules/${name}`, { name, version: '1.0.0', license: 'ISC' }, { LICENSE: 'Same.' })
    expect(await notices(root, ['node_modules/a/x.js', 'node_modules/b/x.js'])).toContain(
      'a 1.0.0 (ISC)\nb 1.0.0 (ISC)\n\nSame.\n'
    )
  })

  test.each([
    ['a copyleft licence', { license: 'GPL-3.0-only' }, 'c 3.0.0 (GPL-3.0-only)'],
    ['a licence of its own', { license: 'SEE LICENSE IN LICENSE' }, 'SEE LICENSE'],
    ['no licence', {}, 'names no licence']
  ])('are refused for a package with %s', async (_, fields, message) => {
    await install('node_modules/c', { name: 'c', version: '3.0.0', ...fields })
    await expect(notices(root, ['node_modules/c/x.js'])).rejects.toThrow(message)
  })
})

test('the innermost package of a path is the one that counts', () => {
  expect(packageFolders(['node_modules/a/node_modules/@s/b/x.js', '../x/node_modules/a/y/z.js'])).toEqual([
    '../x/node_modules/a',
    'node_modules/a/node_modules/@s/b'
  ])
})

test.each([
  ['MIT', true],
  ['(MIT OR GPL-2.0)', true],
  ['MIT AND GPL-2.0', false],
  ['(MIT AND BSD-3-Clause)', true],
  ['LGPL-3.0', false],
  ['', false]
])('%j may be shipped: %j', (license, allowed) => {
  expect(isPermissive(license)).toBe(allowed)
})
