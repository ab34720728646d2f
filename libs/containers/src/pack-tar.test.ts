import { describe, expect, test } from '@jest/globals'
import { createReadStream, createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inFolder } from '../test/image.ts'
import { packTar, type TarContent } from './pack-tar.ts'
import { eachTarEntry } from './tar-entries.ts'

const modified = new Date('2001-02-03T04:05:06Z')
const big = Buffer.alloc(300_000, 'b')

const contents: readonly TarContent[] = [
  {
    path: 'b/large',
    type: 'file',
    mode: 0o600,
    size: big.length,
    content: async function* () {
      for (let at = 0; at < big.length; at += 65_536) yield big.subarray(at, at + 65_536)
    }
  },
  { path: 'b', type: 'folder', mode: 0o755 },
  { path: 'a', type: 'symlink', target: 'b/large' },
  { path: 'b/small', type: 'file', mode: 0o644, size: 2, content: Buffer.from('ok') }
]

describe('packing a tar', () => {
  test('entries come sorted, owned by root, with one time', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'x.tar')
      await packTar(contents, modified, createWriteStream(path))
      const seen: unknown[] = []
      await eachTarEntry(createReadStream(path), [], async ({ header, content }) => {
        const chunks: Buffer[] = []
        for await (const chunk of content) chunks.push(chunk)
        const { name, type, mode, uid, gid, linkname } = header
        seen.push([
          name,
          type,
          mode,
          uid,
          gid,
          linkname,
          header.mtime.getTime(),
          Buffer.concat(chunks).length
        ])
      })
      const time = modified.getTime()
      expect(seen).toEqual([
        ['a', 'symlink', 0o777, 0, 0, 'b/large', time, 0],
        ['b/', 'directory', 0o755, 0, 0, null, time, 0],
        ['b/large', 'file', 0o600, 0, 0, null, time, 300_000],
        ['b/small', 'file', 0o644, 0, 0, null, time, 2]
      ])
    })
  })

  test('the order in which contents are given does not matter', async () => {
    await inFolder(async (folder) => {
      const [one, two] = [join(folder, '1.tar'), join(folder, '2.tar')]
      await packTar(contents, modified, createWriteStream(one))
      await packTar([...contents].reverse(), modified, createWriteStream(two))
      expect((await readFile(one)).equals(await readFile(two))).toBe(true)
    })
  })

  test('a file that is not as long as it was said to be is refused', async () => {
    await inFolder(async (folder) => {
      const short: TarContent = { path: 'x', type: 'file', mode: 0o644, size: 5, content: Buffer.from('ok') }
      const packing = packTar([short], modified, createWriteStream(join(folder, 'x.tar')))
      await expect(packing).rejects.toThrow(/[Ss]ize mismatch/)
    })
  })
})
