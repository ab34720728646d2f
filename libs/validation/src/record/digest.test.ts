import { describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { chmod, mkdir, symlink, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { inFolder } from '../../test/workspace.ts'
import { fileDigest, folderDigest } from './digest.ts'

describe('the digest of a file', () => {
  test('is the SHA-256 of its bytes', () =>
    inFolder(async (folder) => {
      const bytes = Buffer.alloc(3_000_001, 'x')
      await writeFile(join(folder, 'file'), bytes)
      expect(await fileDigest(join(folder, 'file'))).toBe(
        `sha256:${createHash('sha256').update(bytes).digest('hex')}`
      )
    }))

  test('of an empty file is that of nothing', () =>
    inFolder(async (folder) => {
      await writeFile(join(folder, 'file'), '')
      expect(await fileDigest(join(folder, 'file'))).toBe(
        'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
      )
    }))

  test('fails for a file that is not there', () =>
    inFolder((folder) => expect(fileDigest(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' })))
})

describe('the digest of a folder', () => {
  const build = async (folder: string, names: readonly string[]): Promise<void> => {
    await mkdir(join(folder, 'b', 'c'), { recursive: true })
    for (const name of names) await writeFile(join(folder, name), `content of ${name}`)
  }

  test('is the same for the same tree, whatever the place, order, time or mode', () =>
    inFolder(async (one) =>
      inFolder(async (two) => {
        await build(one, ['a', 'b/c/d', 'b.txt', 'Ä'])
        await build(two, ['Ä', 'b.txt', 'b/c/d', 'a'])
        await utimes(join(two, 'a'), 1, 1)
        await chmod(join(two, 'a'), 0o755)
        await mkdir(join(two, 'empty'))
        expect(await folderDigest(one)).toBe(await folderDigest(`${two}/`))
      })
    ))

  test('changes with a content, a name, a place, a link and where it points', () =>
    inFolder(async (folder) => {
      await build(folder, ['a'])
      const digests = [await folderDigest(folder)]
      await writeFile(join(folder, 'a'), 'other')
      digests.push(await folderDigest(folder))
      await writeFile(join(folder, 'b', 'a'), 'other')
      digests.push(await folderDigest(folder))
      await symlink('a', join(folder, 'link'))
      digests.push(await folderDigest(folder))
      await inFolder(async (other) => {
        await build(other, ['a'])
        await writeFile(join(other, 'a'), 'other')
        await writeFile(join(other, 'b', 'a'), 'other')
        await symlink('b', join(other, 'link'))
        digests.push(await folderDigest(other))
      })
      expect(new Set(digests).size).toBe(digests.length)
    }))

  test('cannot be deceived by a name that looks like two', () =>
    inFolder(async (one) =>
      inFolder(async (two) => {
        const digest = await fileDigest(await file(one, 'x', ''))
        await file(two, `x\nfile ${digest} y`, '')
        await file(one, 'y', '')
        expect(await folderDigest(one)).not.toBe(await folderDigest(two))
      })
    ))

  test('refuses a socket', () =>
    inFolder(async (folder) => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(join(folder, 'socket'), resolve))
      try {
        await expect(folderDigest(folder)).rejects.toThrow('neither a file nor a folder nor a link')
      } finally {
        server.close()
      }
    }))

  test('fails for a folder that is not there', () =>
    inFolder((folder) =>
      expect(folderDigest(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' })
    ))
})

async function file(folder: string, name: string, content: string): Promise<string> {
  const path = join(folder, name.replaceAll('/', '-'))
  await writeFile(path, content)
  return path
}
