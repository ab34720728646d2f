import { describe, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { write } from '../../test/workspace.ts'
import { aptSources, parseDistribution } from './apt-sources.ts'

async function sources(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'apt-'))
  try {
    await write(folder, files)
    return await aptSources(folder, { codename: 'bookworm' })
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('the distribution', () => {
  test.each([
    ['ID=debian\nVERSION_CODENAME=bookworm\n', { codename: 'bookworm' }],
    ['NAME="Ubuntu"\nVERSION_CODENAME="noble"\nID=ubuntu\nID_LIKE=debian\n', { codename: 'noble' }],
    ['ID=fedora\nVERSION_CODENAME=""\n', undefined],
    ['ID=debian\n', undefined]
  ])('%j', (text, expected) => {
    expect(parseDistribution(text)).toEqual(expected)
  })
})

describe('package sources', () => {
  test('are those of the distribution, from stanzas and from lines, with its keys', async () => {
    expect(
      await sources({
        'sources.list':
          '# deb http://old.example bookworm main\ndeb [arch=amd64 signed-by=/k.gpg] http://one.example/debian bookworm main contrib # mine\ndeb-src http://one.example/debian bookworm main\n',
        'sources.list.d/debian.sources':
          'Types: deb deb-src\nURIs: http://two.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\nSigned-By: /usr/share/keyrings/k.gpg\n\n# next\nTypes: deb\nURIs: http://sec.example\nSuites: bookworm-security\nComponents: main\n',
        'sources.list.d/b.list': 'deb http://three.example bookworm main\n'
      })
    ).toEqual([
      'deb [signed-by=/k.gpg] http://one.example/debian bookworm main',
      'deb http://three.example bookworm main',
      'deb [signed-by=/usr/share/keyrings/k.gpg] http://two.example/debian bookworm main',
      'deb [signed-by=/usr/share/keyrings/k.gpg] http://two.example/debian bookworm-updates main',
      'deb http://sec.example bookworm-security main'
    ])
  })

  test('are not those of other vendors, of other releases, or switched off', async () => {
    const stanza = (suites: string, more: string) =>
      `Types: deb\nURIs: http://x.example\nSuites: ${suites}\nComponents: main\n${more}`
    expect(
      await sources({
        'sources.list.d/node.sources': stanza('nodistro', ''),
        'sources.list.d/next.sources': stanza('trixie', ''),
        'sources.list.d/off.sources': stanza('bookworm', 'Enabled: no\n'),
        'sources.list.d/src.sources': stanza('bookworm', '').replace('deb', 'deb-src'),
        'sources.list.d/docker.list': 'deb https://docker.example/linux/debian bookworm stable\n',
        'sources.list.d/note.txt': 'deb http://x.example bookworm main\n'
      })
    ).toEqual([])
  })

  test('a key in the stanza itself is left to the distribution’s keyring', async () => {
    const stanza =
      'Types: deb\nURIs: http://x.example\nSuites: bookworm\nComponents: main\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n'
    expect(await sources({ 'sources.list.d/x.sources': stanza })).toEqual([
      'deb http://x.example bookworm main'
    ])
  })

  test('none on a machine without any', async () => {
    expect(await sources({})).toEqual([])
  })
})
