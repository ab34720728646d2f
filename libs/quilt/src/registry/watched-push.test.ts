import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openRegistry } from './open-registry.ts'
import type { EntryProgress } from './package-writer.ts'
import type { WritableRegistry } from './writable-registry.ts'

let folder: string
let registry: WritableRegistry

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watched-push-'))
  registry = openRegistry(`file://${folder}/registry`)
})
afterEach(async () => {
  await registry.close()
  await rm(folder, { recursive: true })
})

describe('progress of a push', () => {
  test('names every entry when it is done, and grows while a large file is copied', async () => {
    const large = join(folder, 'large')
    await writeFile(large, Buffer.alloc(3 * 1024 ** 2))
    const seen: EntryProgress[] = []
    await registry
      .newPackage()
      .set('a', Buffer.from('12345'))
      .set('b', { file: large })
      .push('u/p', { onProgress: (progress) => void seen.push(progress) })
    // in any order: several are copied at once
    const done = seen.filter(({ isDone }) => isDone)
    expect(done).toHaveLength(2)
    expect(done).toContainEqual({ logicalKey: 'a', bytes: 5, isDone: true })
    expect(done).toContainEqual({ logicalKey: 'b', bytes: 3 * 1024 ** 2, isDone: true })
    const steps = seen.filter(({ logicalKey, isDone }) => logicalKey === 'b' && !isDone)
    expect(steps.map(({ bytes }) => bytes)).toEqual([1, 2, 3].map((count) => count * 1024 ** 2))
  })
})

describe('a check', () => {
  const workflows = `version: '1'
is_workflow_required: true
workflows:
  strict:
    name: Strict
    is_message_required: true
    handle_pattern: ^lab/
`

  async function written(): Promise<readonly string[]> {
    return await readdir(join(folder, 'registry'), { recursive: true })
  }

  test('refuses what the workflow of the registry refuses, and writes nothing', async () => {
    await mkdir(join(folder, 'registry/.quilt/workflows'), { recursive: true })
    await writeFile(join(folder, 'registry/.quilt/workflows/config.yml'), workflows)
    const before = await written()
    const builder = registry.newPackage().set('a', Buffer.from('1'))
    const refused = (message: string) => ({
      code: 'workflow-failed',
      message: expect.stringContaining(message)
    })
    await expect(registry.check(builder, 'lab/p')).rejects.toMatchObject(refused('none specified'))
    await expect(registry.check(builder, 'lab/p', { workflow: 'strict' })).rejects.toMatchObject(
      refused('message is required')
    )
    const message = 'Made for a test'
    await expect(registry.check(builder, 'u/p', { workflow: 'strict', message })).rejects.toMatchObject(
      refused('required pattern')
    )
    await registry.check(builder, 'lab/p', { workflow: 'strict', message })
    expect(await written()).toEqual(before)
  })

  test('refuses a name that is none, and a package that has a newer revision', async () => {
    const builder = registry.newPackage().set('a', Buffer.from('1'))
    await registry.check(builder, 'u/p')
    await expect(registry.check(builder, 'no name')).rejects.toMatchObject({ code: 'invalid-package-name' })
    await registry.newPackage().set('b', Buffer.from('2')).push('u/p')
    await expect(registry.check(builder, 'u/p')).rejects.toMatchObject({ code: 'conflict' })
    await registry.check(builder, 'u/p', { force: true })
  })
})
