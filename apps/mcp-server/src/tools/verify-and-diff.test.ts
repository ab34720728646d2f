import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { failure, localRunner, toolRunner, type LocalRunner } from '../../test/tool-runner.ts'

let runner: LocalRunner

beforeEach(async () => {
  runner = await localRunner()
})
afterEach(async () => {
  await runner[Symbol.asyncDispose]()
})

const run = (name: string, args?: object): Promise<Record<string, unknown>> => runner.run(name, args)

const name = 'lab/study'

async function create(files: Readonly<Record<string, string>>) {
  const entries = Object.entries(files).map(([path, text]) => ({ path, text }))
  return await run('package_create', { package: name, entries, meta: { n: 1 } })
}

describe('package_verify', () => {
  test('names the file that is damaged, missing or of another size', async () => {
    await create({ 'a.txt': 'one', 'b.txt': 'two', 'c.txt': 'three' })
    await writeFile(join(runner.folder, name, 'b.txt'), 'TWO')
    await writeFile(join(runner.folder, name, 'c.txt'), 'longer')
    expect(await run('package_verify', { package: name })).toMatchObject({
      intact: false,
      problem_count: 2,
      problems: [
        { path: 'b.txt', kind: 'hash' },
        { path: 'c.txt', kind: 'size' }
      ]
    })
  })

  test('tells how far it is', async () => {
    await create({ 'a.txt': 'one', 'b.csv': 'x,y' })
    const seen: unknown[] = []
    const watching = toolRunner(runner.context.services, { progress: (...args) => seen.push(args) })
    await watching.run('package_verify', { package: name })
    // more often where the machine is slow
    expect(seen[0]).toEqual([3, 8, '0 of 2 files, 3 of 6 bytes checked'])
    expect(seen.at(-1)).toEqual([8, 8, '2 of 2 files, 6 of 6 bytes checked'])
  })
})

describe('package_diff', () => {
  test('lists changes in pages, of revisions and of packages', async () => {
    const first = await create({ 'a.txt': '1', 'b.txt': '2', 'c.txt': '3' })
    await run('package_patch', {
      package: name,
      set: [
        { path: 'b.txt', text: '22' },
        { path: 'd.txt', text: '4' }
      ],
      remove: ['a.txt'],
      meta: { n: 2 }
    })
    const args = { package: name, from: first['top_hash'], limit: 2 }
    const page = await run('package_diff', args)
    expect(page).toMatchObject({
      counts: { added: 1, modified: 1, deleted: 1 },
      meta_changed: true,
      changes: [
        { kind: 'deleted', path: 'a.txt' },
        { kind: 'modified', path: 'b.txt', before: { size: 1 }, after: { size: 2 } }
      ]
    })
    const last = await run('package_diff', { ...args, cursor: page['next_cursor'] })
    expect(last).toMatchObject({
      counts: { added: 1, modified: 1, deleted: 1 },
      changes: [{ kind: 'added', path: 'd.txt' }]
    })
    expect(last).not.toHaveProperty('next_cursor')
    await run('package_create', { package: 'lab/other', entries: [{ path: 'z', text: 'z' }] })
    expect(await run('package_diff', { package: name, other_package: 'lab/other' })).toMatchObject({
      counts: { added: 1, deleted: 3 }
    })
    for (const wrong of [
      { package: name, cursor: 'x' },
      { package: name, cursor: page['next_cursor'] }
    ])
      await expect(run('package_diff', wrong)).rejects.toEqual(failure('invalid-cursor'))
  })
})
