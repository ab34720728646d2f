import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { testServices } from '../../test/server.ts'
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
    for (const uri of [`file://${runner.inbox}/`, `quilt+${runner.registry}#package=${name}`])
      await expect(run('package_create', { package: 'a/b', entries: [{ uri }] })).rejects.toEqual(
        failure('invalid-address')
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
        { uri: `${runner.registry}/raw/none` },
        { uri: `${runner.registry}/typed`, text: 'x', content_type: 'text/csv' },
        { uri: `${runner.registry}/described`, text: 'x', meta: { lab: '1' } }
      ]
    })
    expect(put).toMatchObject({ written: 2, failed: 7 })
    expect(put['results']).toMatchObject([
      { uri: `${runner.registry}/raw/a.txt`, size: 1 },
      { size: 2 },
      { error: { code: 'reserved-key' } },
      { error: { code: 'read-only' } },
      { error: { code: 'outside-root' } },
      { error: { code: 'invalid-address' } },
      { error: { code: 'invalid-arguments' } },
      { error: { code: 'not-supported', next: expect.stringContaining('package') } },
      { error: { code: 'not-supported' } }
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

  test.each([
    ['a media type that is none', { content_type: 'text' }],
    ['a media type with a line break', { content_type: 'text/plain; a=\r\nx-amz-acl: public-read' }],
    ['metadata that headers cannot hold', { meta: { lab: 'Zürich' } }],
    ['a name of metadata that headers cannot hold', { meta: { 'a b': 'x' } }],
    ['metadata that is no text', { meta: { n: 1 } }]
  ])('refuses %s', async (_, wrong) => {
    const objects = [{ uri: `${runner.registry}/a.txt`, text: 'x', ...wrong }]
    await expect(run('objects_put', { objects })).rejects.toEqual(failure('invalid-arguments'))
  })

  test('stops when the call is cancelled', async () => {
    const cancelled = toolRunner(runner.context.services, { signal: AbortSignal.abort() })
    const objects = [{ uri: `${runner.registry}/a.txt`, text: 'x' }]
    await expect(cancelled.run('objects_put', { objects })).rejects.toEqual(failure('aborted'))
  })
})

describe('what writes says how far it is:', () => {
  async function progressOf(tool: string, args: object): Promise<readonly (readonly unknown[])[]> {
    const seen: (readonly unknown[])[] = []
    await toolRunner(runner.context.services, { progress: (...told) => seen.push(told) }).run(tool, args)
    const figures = seen.map(([done]) => Number(done))
    expect(figures).toEqual([...new Set(figures)].sort((a, b) => a - b))
    return seen
  }

  test('package_create, package_patch and package_create_from_prefix in files and bytes', async () => {
    const entries = [
      { path: 'a', text: '12345' },
      { path: 'b', text: '' }
    ]
    const made = await progressOf('package_create', { package: name, entries })
    expect(made.at(-1)).toEqual([2, 2, '2 of 2 files, 5 of 5 bytes written'])
    const patched = await progressOf('package_patch', { package: name, set: [{ path: 'c', text: '123' }] })
    expect(patched.at(-1)).toEqual([3, 3, '3 of 3 files, 3 of 3 bytes written'])
    const described = await progressOf('package_patch', { package: name, meta: { n: 1 } })
    expect(described.at(-1)).toEqual([3, 3, '3 of 3 files written'])
    await runner.put('run/large.bin', Buffer.alloc(3 * 1024 ** 2))
    const source = `file://${runner.inbox}/run/`
    const published = await progressOf('package_create_from_prefix', {
      package: 'lab/run',
      source,
      readme: false,
      summarize: false
    })
    expect(published[0]).toEqual([1, undefined, 'files found'])
    expect(published.at(-1)).toEqual([2, 2, '1 of 1 files, 3145728 of 3145728 bytes written'])
    expect(published.length).toBeGreaterThan(2)
  })
})

describe('a dry run says what the call itself would refuse:', () => {
  const workflows = `version: '1'
is_workflow_required: true
workflows:
  strict: {name: Strict, is_message_required: true, handle_pattern: ^lab/}
`
  const create = { package: name, entries: [{ path: 'a', text: '1' }] }

  test('what a workflow of the registry demands', async () => {
    await mkdir(join(runner.folder, '.quilt/workflows'), { recursive: true })
    await writeFile(join(runner.folder, '.quilt/workflows/config.yml'), workflows)
    await runner.put('run/a.txt', 'a')
    const publish = { package: name, source: `file://${runner.inbox}/run/` }
    for (const [tool, args] of [
      ['package_create', create],
      ['package_create_from_prefix', publish]
    ] as const) {
      for (const wrong of [{}, { workflow: 'strict' }, { workflow: 'none' }])
        await expect(run(tool, { ...args, ...wrong, dry_run: true })).rejects.toEqual(
          failure('workflow-failed')
        )
      const kept = { ...args, workflow: 'strict', message: 'm', dry_run: true }
      expect(await run(tool, kept)).toMatchObject({ dry_run: true })
      await expect(run(tool, { ...kept, package: 'other/name' })).rejects.toEqual(failure('workflow-failed'))
    }
    await run('package_create', { ...create, workflow: 'strict', message: 'm' })
    const patch = { package: name, set: [{ path: 'b', text: '2' }], workflow: null, dry_run: true }
    await expect(run('package_patch', patch)).rejects.toEqual(failure('workflow-failed'))
  })

  test('a patch of a revision that is not the latest any more', async () => {
    const { top_hash: parent } = await run('package_create', create)
    await run('package_patch', { package: name, set: [{ path: 'b', text: '2' }] })
    const stale = { package: name, parent, set: [{ path: 'c', text: '3' }], dry_run: true }
    await expect(run('package_patch', stale)).rejects.toEqual(failure('conflict'))
  })

  test('writing, rolling back and deleting where the registry is read-only', async () => {
    const sample = toolRunner(await testServices())
    const penguins = { package: 'biology/penguins', dry_run: true }
    const warnings = [expect.stringContaining('read-only')]
    expect(await sample.run('package_rollback', { ...penguins, revision: 'latest' })).toMatchObject({
      warnings
    })
    expect(await sample.run('package_delete', { ...penguins, confirm: 'biology/penguins' })).toMatchObject({
      warnings
    })
    const objects = [{ uri: 'file:///app/sample/new.txt', text: 'x' }]
    expect(await sample.run('objects_put', { objects, dry_run: true })).toMatchObject({ warnings })
  })
})
