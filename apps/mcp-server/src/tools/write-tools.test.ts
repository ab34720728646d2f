import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { readFile, writeFile } from 'node:fs/promises'
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

/** A package of two texts. */
async function create(files: Readonly<Record<string, string>> = { 'a.txt': 'one', 'data/b.csv': 'x,y' }) {
  const entries = Object.entries(files).map(([path, text]) => ({ path, text }))
  return await run('package_create', {
    package: name,
    entries,
    meta: { owner: 'me', n: 1 },
    message: 'first'
  })
}

async function textOf(path: string, revision = 'latest'): Promise<unknown> {
  return (await run('object_read', { package: name, path, revision }))['content']
}

describe('package_create', () => {
  test('publishes texts, base64, files and entries of other packages, with metadata', async () => {
    await create()
    await runner.put('run 1/результат.bin', Buffer.from([1, 2, 3]))
    const written = await run('package_create', {
      package: 'lab/copy',
      entries: [
        { uri: `file://${runner.inbox}/run%201/%D1%80%D0%B5%D0%B7%D1%83%D0%BB%D1%8C%D1%82%D0%B0%D1%82.bin` },
        { uri: `quilt+${runner.registry}#package=${name}&path=data/b.csv`, path: 'from/b.csv' },
        { path: 'c.bin', base64: 'AQID', meta: { cell: 'HeLa' } }
      ],
      message: 'copied'
    })
    expect(written).toMatchObject({
      dry_run: false,
      counts: { added: 3, modified: 0, removed: 0, kept: 0 },
      added: ['c.bin', 'from/b.csv', 'результат.bin']
    })
    expect(await run('package_inspect', { package: 'lab/copy' })).toMatchObject({
      message: 'copied',
      files: 3,
      top_hash: written['top_hash']
    })
    const uri = `quilt+${runner.registry}#package=lab/copy&path=c.bin`
    expect(await run('object_info', { uri })).toMatchObject({ size: 3, meta: { cell: 'HeLa' } })
    expect(await run('package_verify', { package: 'lab/copy' })).toMatchObject({ intact: true, files: 3 })
  })

  test('refuses a name that is taken, and points to package_patch', async () => {
    await create()
    await expect(create()).rejects.toMatchObject({
      code: 'package-exists',
      next: expect.stringContaining('package_patch')
    })
  })

  test('with overwrite says what was added, removed and kept', async () => {
    const first = await create({ 'a.txt': 'one', 'b.txt': 'two', 'c.txt': 'three' })
    const written = await run('package_create', {
      package: name,
      entries: [
        { path: 'a.txt', text: 'one' },
        { path: 'b.txt', text: 'changed' },
        { path: 'd.txt', text: 'new' }
      ],
      overwrite: true
    })
    expect(written).toMatchObject({
      parent: first['top_hash'],
      added: ['d.txt'],
      modified: ['b.txt'],
      removed: ['c.txt'],
      kept: ['a.txt']
    })
  })

  test('planned, writes nothing and says what it would do', async () => {
    expect(
      await run('package_create', { package: name, entries: [{ path: 'a', text: 'x' }], dry_run: true })
    ).toMatchObject({ dry_run: true, added: ['a'], counts: { added: 1 } })
    expect(await run('packages_list')).toMatchObject({ packages: [] })
  })

  test.each([
    ['a name that is none', { package: 'plain', entries: [] }, 'invalid-package-name'],
    [
      'two files of one path',
      {
        entries: [
          { path: 'a', text: '1' },
          { path: 'a', text: '2' }
        ]
      },
      'key-conflict'
    ],
    ['a file without a source', { entries: [{ path: 'a' }] }, 'invalid-arguments'],
    ['a file with two sources', { entries: [{ path: 'a', text: '', base64: '' }] }, 'invalid-arguments'],
    ['a file without a name', { entries: [{ text: 'x' }] }, 'invalid-arguments'],
    ['a path that leads out', { entries: [{ path: '../a', text: 'x' }] }, 'invalid-logical-key'],
    [
      'a file in a file',
      {
        entries: [
          { path: 'a', text: '' },
          { path: 'a/b', text: '' }
        ]
      },
      'key-conflict'
    ],
    ['a file of the machine', { entries: [{ uri: 'file:///etc/passwd' }] }, 'outside-root'],
    ['a bucket that is not served', { entries: [{ uri: 's3://other/a' }] }, 'registry-unknown'],
    ['base64 that is none', { entries: [{ path: 'a', base64: '%' }] }, 'invalid-arguments'],
    ['a workflow that there is not', { entries: [], workflow: 'x' }, 'workflow-failed']
  ])('refuses %s, and changes nothing', async (_, args, code) => {
    await expect(run('package_create', { package: name, ...args })).rejects.toEqual(failure(code))
    expect(await run('packages_list')).toMatchObject({ packages: [] })
  })

  test('refuses a source that is not there', async () => {
    const entries = [{ uri: `file://${runner.inbox}/no.txt` }]
    await expect(run('package_create', { package: name, entries })).rejects.toEqual(
      failure('object-not-found')
    )
    const other = [{ uri: `quilt+${runner.registry}#package=${name}&path=no` }]
    await create()
    await expect(run('package_create', { package: 'a/b', entries: other })).rejects.toEqual(
      failure('entry-not-found')
    )
  })

  test('refuses a registry that is served read-only, but plans for it', async () => {
    const args = { package: name, entries: [{ path: 'a', text: 'x' }], registry: `file://${runner.inbox}` }
    await expect(run('package_create', args)).rejects.toEqual(failure('read-only'))
    expect(await run('package_create', { ...args, dry_run: true })).toMatchObject({
      warnings: [expect.stringContaining('read-only')]
    })
  })
})

describe('package_patch', () => {
  test('adds, replaces and removes files and merges metadata', async () => {
    const first = await create()
    const second = await run('package_patch', {
      package: name,
      set: [
        { path: 'a.txt', text: 'two' },
        { path: 'new.txt', text: 'n' }
      ],
      remove: ['data/'],
      meta: { n: null, reviewed: true },
      message: 'second'
    })
    expect(second).toMatchObject({
      parent: first['top_hash'],
      added: ['new.txt'],
      modified: ['a.txt'],
      removed: ['data/b.csv'],
      counts: { kept: 0 }
    })
    expect(await run('package_inspect', { package: name })).toMatchObject({
      message: 'second',
      meta: { owner: 'me', reviewed: true }
    })
    expect(await textOf('a.txt', String(first['top_hash']))).toBe('one')
  })

  test('changes the metadata of a file and leaves its bytes', async () => {
    await create()
    expect(
      await run('package_patch', { package: name, set: [{ path: 'a.txt', meta: { x: 1 } }] })
    ).toMatchObject({
      modified: ['a.txt']
    })
    expect(await textOf('a.txt')).toBe('one')
  })

  test('refuses a parent that is no longer the latest', async () => {
    const first = await create()
    await run('package_patch', { package: name, set: [{ path: 'x', text: '1' }] })
    const late = {
      package: name,
      parent: String(first['top_hash']).slice(0, 8),
      set: [{ path: 'y', text: '2' }]
    }
    await expect(run('package_patch', late)).rejects.toEqual(failure('conflict'))
    await expect(textOf('y')).rejects.toEqual(failure('entry-not-found'))
  })

  test('planned, says what it would change', async () => {
    await create()
    const plan = await run('package_patch', {
      package: name,
      set: [{ path: 'a.txt', text: 'two' }],
      remove: ['data/b.csv'],
      dry_run: true
    })
    expect(plan).toMatchObject({ modified: ['a.txt'], removed: ['data/b.csv'], kept: [] })
    expect(await textOf('a.txt')).toBe('one')
  })

  test.each([
    ['nothing to change', {}, 'invalid-arguments'],
    ['a file to remove that is not there', { remove: ['no.txt'] }, 'entry-not-found'],
    ['a parent that is not there', { parent: 'f'.repeat(64), meta: {} }, 'object-not-found'],
    ['digits that no revision begins with', { parent: '0123456', meta: { a: 1 } }, 'revision-not-found'],
    ['a package that is not there', { package: 'no/such', meta: { a: 1 } }, 'package-not-found']
  ])('refuses %s', async (_, args, code) => {
    await create()
    const before = await run('package_versions', { package: name })
    await expect(run('package_patch', { package: name, ...args })).rejects.toMatchObject({
      code: code === 'object-not-found' ? expect.stringMatching(/-not-found$/) : code
    })
    expect(await run('package_versions', { package: name })).toEqual(before)
  })
})

describe('package_create_from_prefix', () => {
  beforeEach(async () => {
    await runner.put('run/table.csv', 'a,b')
    await runner.put('run/plots/one.png', Buffer.from([0x89]))
    await runner.put('run/notes.txt', 'hello')
    await runner.put('run/tmp/junk.tmp', 'junk')
  })

  test('publishes a folder with a README and a summary that are really there', async () => {
    const source = `file://${runner.inbox}/run`
    const written = await run('package_create_from_prefix', { package: name, source, exclude: ['*.tmp'] })
    expect(written).toMatchObject({
      added: ['README.md', 'notes.txt', 'plots/one.png', 'quilt_summarize.json', 'table.csv'],
      generated: ['README.md', 'quilt_summarize.json'],
      bytes: 9
    })
    const inspected = await run('package_inspect', { package: name })
    expect(inspected['readme']).toContain('# lab/study')
    expect(inspected['summarize']).toEqual(expect.arrayContaining([{ path: 'README.md', expand: true }]))
    expect(await run('package_verify', { package: name })).toMatchObject({ intact: true })
  })

  test('keeps the documents that the folder has', async () => {
    await runner.put('run/README.md', 'mine')
    const source = `file://${runner.inbox}/run/`
    expect(
      await run('package_create_from_prefix', { package: name, source, include: ['*.md'], summarize: false })
    ).toMatchObject({ added: ['README.md'], generated: [] })
    expect(await textOf('README.md')).toBe('mine')
  })

  test('sorts files into folders by type', async () => {
    const plan = await run('package_create_from_prefix', {
      package: name,
      source: `file://${runner.inbox}/run/`,
      organize: 'by_type',
      readme: false,
      summarize: false,
      dry_run: true
    })
    expect(plan['added']).toEqual([
      'data/table.csv',
      'documents/notes.txt',
      'images/plots/one.png',
      'other/tmp/junk.tmp'
    ])
    expect(await run('packages_list')).toMatchObject({ packages: [] })
  })

  test.each([
    ['a folder with nothing in it', { source: 'run/none/' }, 'nothing-found'],
    ['patterns that nothing matches', { source: 'run/', include: ['*.parquet'] }, 'nothing-found']
  ])('refuses %s', async (_, { source, ...args }, code) => {
    const from = `file://${runner.inbox}/${source}`
    await expect(run('package_create_from_prefix', { package: name, source: from, ...args })).rejects.toEqual(
      failure(code)
    )
  })
})

describe('package_rollback', () => {
  test('makes an earlier revision the latest', async () => {
    const first = await create()
    const second = await run('package_patch', { package: name, set: [{ path: 'a.txt', text: 'two' }] })
    expect(await run('package_rollback', { package: name, revision: first['top_hash'] })).toMatchObject({
      top_hash: first['top_hash'],
      previous: second['top_hash']
    })
    expect(await textOf('a.txt')).toBe('one')
  })

  test('planned, changes nothing', async () => {
    const first = await create()
    await run('package_patch', { package: name, set: [{ path: 'a.txt', text: 'two' }] })
    await run('package_rollback', { package: name, revision: first['top_hash'], dry_run: true })
    expect(await textOf('a.txt')).toBe('two')
  })

  test('refuses a revision that is not there', async () => {
    await create()
    await expect(run('package_rollback', { package: name, revision: 'abcdef123' })).rejects.toEqual(
      failure('revision-not-found')
    )
    await expect(run('package_rollback', { package: name, revision: 'f'.repeat(64) })).rejects.toMatchObject({
      code: expect.stringMatching(/-not-found$/)
    })
  })
})

describe('package_delete', () => {
  test('asks for the exact name back', async () => {
    await create()
    for (const confirm of ['', 'lab/stud', 'LAB/STUDY', ' lab/study'])
      await expect(run('package_delete', { package: name, confirm })).rejects.toEqual(
        failure('not-confirmed')
      )
    expect(await textOf('a.txt')).toBe('one')
  })

  test('removes the package', async () => {
    await create()
    expect(await run('package_delete', { package: name, confirm: name })).toMatchObject({ dry_run: false })
    expect(await run('packages_list')).toMatchObject({ packages: [] })
    await expect(run('package_delete', { package: name, confirm: name })).rejects.toEqual(
      failure('package-not-found')
    )
  })

  test('removes one revision; the one before is then the latest', async () => {
    const first = await create()
    await new Promise((resolve) => setTimeout(resolve, 1100))
    const second = await run('package_patch', { package: name, set: [{ path: 'a.txt', text: 'two' }] })
    expect(
      await run('package_delete', { package: name, confirm: name, revision: second['top_hash'] })
    ).toMatchObject({ revision: second['top_hash'], latest: first['top_hash'] })
    expect(await textOf('a.txt')).toBe('one')
  })
})

describe('objects_put', () => {
  test('writes several objects and says of each what became of it', async () => {
    const put = await run('objects_put', {
      objects: [
        { uri: `${runner.registry}/raw/a.txt`, text: 'a' },
        { uri: `${runner.registry}/raw/b.bin`, base64: 'AQI=' },
        { uri: `${runner.registry}/.quilt/packages/x`, text: 'no' },
        { uri: `file://${runner.inbox}/c`, text: 'no' },
        { uri: 'file:///etc/motd', text: 'no' },
        { uri: `${runner.registry}/raw/`, text: 'no' },
        { uri: `${runner.registry}/raw/none` }
      ]
    })
    expect(put).toMatchObject({ written: 2, failed: 5 })
    expect(put['results']).toMatchObject([
      { uri: `${runner.registry}/raw/a.txt`, size: 1 },
      { size: 2 },
      { error: { code: 'reserved-key' } },
      { error: { code: 'read-only' } },
      { error: { code: 'outside-root' } },
      { error: { code: 'invalid-address' } },
      { error: { code: 'invalid-arguments' } }
    ])
    expect(await readFile(join(runner.folder, 'raw/a.txt'), 'utf8')).toBe('a')
  })

  test('replaces an object only when told to', async () => {
    const objects = [{ uri: `${runner.registry}/a.txt`, text: 'new' }]
    await writeFile(join(runner.folder, 'a.txt'), 'old')
    expect(await run('objects_put', { objects })).toMatchObject({
      results: [{ error: { code: 'object-exists' } }]
    })
    expect(await readFile(join(runner.folder, 'a.txt'), 'utf8')).toBe('old')
    expect(await run('objects_put', { objects, overwrite: true, dry_run: true })).toMatchObject({
      written: 0
    })
    expect(await readFile(join(runner.folder, 'a.txt'), 'utf8')).toBe('old')
    await run('objects_put', { objects, overwrite: true })
    expect(await readFile(join(runner.folder, 'a.txt'), 'utf8')).toBe('new')
  })

  test('stops when the call is cancelled', async () => {
    const cancelled = toolRunner(runner.context.services, { signal: AbortSignal.abort() })
    const objects = [{ uri: `${runner.registry}/a.txt`, text: 'x' }]
    await expect(cancelled.run('objects_put', { objects })).rejects.toEqual(failure('aborted'))
  })
})

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
    await create()
    const seen: unknown[] = []
    const watching = toolRunner(runner.context.services, { progress: (...args) => seen.push(args) })
    await watching.run('package_verify', { package: name })
    expect(seen).toContainEqual([1, 2, 'files checked'])
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
    expect(await run('package_diff', { ...args, cursor: page['next_cursor'] })).toMatchObject({
      changes: [{ kind: 'added', path: 'd.txt' }]
    })
    await run('package_create', { package: 'lab/other', entries: [{ path: 'z', text: 'z' }] })
    expect(await run('package_diff', { package: name, other_package: 'lab/other' })).toMatchObject({
      counts: { added: 1, deleted: 3 }
    })
    await expect(run('package_diff', { package: name, cursor: 'x' })).rejects.toEqual(
      failure('invalid-cursor')
    )
  })
})
