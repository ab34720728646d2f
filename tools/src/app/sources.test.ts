import { expect, test } from '@jest/globals'
import { rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { inRepository, write } from '../../test/workspace.ts'
import { sourcesArtifact } from './sources.ts'

test('the sources are what git knows or would take, by name and content', () =>
  inRepository({ 'a.ts': 'a', 'b.ts': 'b' }, async (workspace) => {
    const digests: string[] = []
    const look = async (): Promise<void> => {
      digests.push((await sourcesArtifact(workspace)).digest)
    }
    await look()
    await write(workspace, { 'dist/main.js': 'ignored' })
    await look()
    expect(digests[1]).toBe(digests[0])
    await write(workspace, { 'a.ts': 'changed' })
    await look()
    await write(workspace, { 'ä new.ts': 'a' })
    await look()
    await rm(join(workspace, 'b.ts'))
    await look()
    await symlink('nowhere', join(workspace, 'b.ts'))
    await look()
    await write(workspace, { 'ä new.ts': 'b' })
    await look()
    expect(new Set(digests).size).toBe(digests.length - 1)
    expect(await sourcesArtifact(workspace)).toMatchObject({
      name: 'sources',
      kind: 'folder',
      location: '.',
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/)
    })
  }))
