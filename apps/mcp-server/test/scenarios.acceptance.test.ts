import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ensurePython, reportMissing } from '@fast-mcp/quilt/test/python/environment.ts'
import { MotoServer, QuiltClient } from '@fast-mcp/quilt/test/python/processes.ts'
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { bucketGround, localGround, type Ground } from './grounds.ts'
import { openDoor, type Door, type ScenarioClient } from './scenario-client.ts'

const python = await ensurePython()
reportMissing('scenarios', python)
const interpreter = 'missing' in python ? '' : python.interpreter
const suite = 'missing' in python ? describe.skip : describe

/** A ground that the Python client knows too. */
interface SharedGround extends Ground {
  /** The Python client, a second writer of the same registry. */
  readonly quilt3: QuiltClient
  /** A file that the Python client can publish. */
  readonly forPython: string
}

const folder = await realpath(await mkdtemp(join(tmpdir(), 'scenarios-')))
let moto: MotoServer | undefined

beforeAll(async () => {
  if (interpreter !== '') moto = await MotoServer.start(interpreter)
})
afterAll(async () => {
  await moto?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

async function sharedGround(place: 'local' | 's3', name: string): Promise<SharedGround> {
  if (place === 'local') {
    const ground = await localGround(folder, name)
    // A local registry refers to files where they are, and none outside of it are read.
    const forPython = join(fileURLToPath(ground.registry), 'python.txt')
    return { ...ground, quilt3: new QuiltClient(interpreter, ground.home), forPython }
  }
  const endpoint = moto?.endpoint ?? ''
  const ground = await bucketGround(folder, name, endpoint)
  const quilt3 = new QuiltClient(interpreter, ground.home, endpoint)
  return { ...ground, quilt3, forPython: join(ground.home, 'python.txt') }
}

suite.each([
  ['local', 'http'],
  ['local', 'stdio'],
  ['s3', 'http'],
  ['s3', 'stdio']
] as const)('one conversation, on %s over %s:', (place: 'local' | 's3', door: Door) => {
  let ground: SharedGround
  let assistant: ScenarioClient

  beforeAll(async () => {
    const name = `${place}-${door}`
    ground = await sharedGround(place, name)
    assistant = await openDoor(door, ground.environment)
  })
  afterAll(async () => {
    await assistant[Symbol.asyncDispose]()
    await ground.quilt3[Symbol.asyncDispose]()
  })

  const call: ScenarioClient['call'] = (tool, args) => assistant.call(tool, args)

  async function publish(name: string, files: Readonly<Record<string, string>>): Promise<string> {
    const made = await call('package_create', {
      package: name,
      entries: Object.entries(files).map(([path, text]) => ({ path, text })),
      message: 'first'
    })
    return String(made['top_hash'])
  }

  /** What the Python client sees of the latest revision. */
  async function asPython(
    name: string
  ): Promise<{ readonly hash: unknown; readonly keys: readonly string[] }> {
    const seen = await ground.quilt3.do('browse', { name, registry: ground.registry })
    const { top_hash: hash, entries: rows } = z
      .object({ top_hash: z.string(), entries: z.array(z.array(z.unknown())) })
      .parse(plain(seen))
    return { hash, keys: rows.map(([key]) => String(key)) }
  }

  test('publish a folder and read it back with quilt3', async () => {
    await ground.put('run 1/table.csv', 'a,b\n1,2\n')
    await ground.put('run 1/plots/ü.txt', 'plot')
    await ground.put('run 1/scratch.tmp', 'x')
    const source = `${ground.inbox}/run%201/`
    const found = await call('objects_list', { uri: source })
    expect(found['objects']).toHaveLength(3)
    const args = { package: 'lab/run', source, exclude: ['*.tmp'], message: 'Run 1', meta: { run: 1 } }
    const plan = await call('package_create_from_prefix', { ...args, dry_run: true })
    expect(plan).toMatchObject({ dry_run: true, counts: { added: 4 } })
    const made = await call('package_create_from_prefix', args)
    expect(made).toMatchObject({ added: plan['added'], generated: ['README.md', 'quilt_summarize.json'] })

    expect(await asPython('lab/run')).toEqual({
      hash: made['top_hash'],
      keys: ['README.md', 'plots/ü.txt', 'quilt_summarize.json', 'table.csv']
    })
    const target = join(folder, `fetched-${place}-${door}`)
    expect(
      await ground.quilt3.do('fetch', { name: 'lab/run', registry: ground.registry, folder: target })
    ).toBe(true)
  })

  test('patch while another writer pushes', async () => {
    const parent = await publish('lab/shared', { 'a.txt': 'one', 'b.txt': 'two' })
    await writeFile(ground.forPython, 'from Python')
    await ground.quilt3.do(place === 'local' ? 'build' : 'push', {
      name: 'lab/shared',
      registry: ground.registry,
      base: true,
      message: 'from Python',
      entries: [['python.txt', ground.forPython, null]]
    })
    const patch = { package: 'lab/shared', set: [{ path: 'b.txt', text: 'mine' }], message: 'mine' }
    const refused = await assistant.refusal('package_patch', { ...patch, parent })
    expect(refused).toMatchObject({ code: 'conflict', next: expect.stringContaining('latest') })
    expect((await asPython('lab/shared')).keys).toEqual(['a.txt', 'b.txt', 'python.txt'])

    const made = await call('package_patch', patch)
    expect(made).toMatchObject({ modified: ['b.txt'], counts: { kept: 2 } })
    expect(await asPython('lab/shared')).toEqual({
      hash: made['top_hash'],
      keys: ['a.txt', 'b.txt', 'python.txt']
    })
  })

  test('roll back', async () => {
    const good = await publish('lab/back', { 'a.txt': 'good' })
    const bad = await call('package_patch', {
      package: 'lab/back',
      set: [{ path: 'wrong.txt', text: 'bad' }]
    })
    expect(
      await call('package_rollback', { package: 'lab/back', revision: good.slice(0, 10) })
    ).toMatchObject({
      top_hash: good,
      previous: bad['top_hash']
    })
    expect(await asPython('lab/back')).toEqual({ hash: good, keys: ['a.txt'] })
    const wrong = { package: 'lab/back', path: 'wrong.txt' }
    expect(await assistant.refusal('object_read', wrong)).toMatchObject({ code: 'entry-not-found' })
    expect(await call('object_read', { ...wrong, revision: bad['top_hash'] })).toMatchObject({
      content: 'bad'
    })
  })

  test('find a file by content of its metadata', async () => {
    await call('package_create', {
      package: 'lab/cells',
      entries: [
        { path: 'one.txt', text: '1', meta: { cell: 'HeLa', dose: 5 } },
        { path: 'two.txt', text: '2', meta: { cell: 'HEK293' } }
      ]
    })
    const query = { query: 'hek293', in: 'entries', field: 'metadata' }
    expect(await call('search', query)).toMatchObject({
      engine: 'manifest',
      backend: place,
      results: [{ package: 'lab/cells', path: 'two.txt' }]
    })
    expect(await call('search', { query: 'cells one', in: 'entries' })).toMatchObject({
      engine: 'index',
      results: [{ package: 'lab/cells', path: 'one.txt' }]
    })
  })

  test('compare two revisions', async () => {
    const first = await publish('lab/compared', { 'a.txt': '1', 'b.txt': '2', 'c.txt': '3' })
    await call('package_patch', {
      package: 'lab/compared',
      set: [
        { path: 'b.txt', text: '22' },
        { path: 'd.txt', text: '4' }
      ],
      remove: ['a.txt'],
      meta: { reviewed: true }
    })
    expect(await call('package_diff', { package: 'lab/compared', from: first })).toMatchObject({
      counts: { added: 1, modified: 1, deleted: 1 },
      meta_changed: true,
      changes: [
        { kind: 'deleted', path: 'a.txt' },
        { kind: 'modified', path: 'b.txt' },
        { kind: 'added', path: 'd.txt' }
      ]
    })
  })

  test('verify a damaged package, learn which entry it is, and repair it', async () => {
    await publish('lab/damaged', { 'a.txt': 'one', 'b.txt': 'two' })
    expect(await call('package_verify', { package: 'lab/damaged' })).toMatchObject({ intact: true })
    const { physical_key: uri } = await call('object_info', {
      uri: `quilt+${ground.registry}#package=lab/damaged&path=b.txt`
    })
    await call('objects_put', { objects: [{ uri, text: 'TWO' }], overwrite: true })
    expect(await call('package_verify', { package: 'lab/damaged' })).toMatchObject({
      intact: false,
      problem_count: 1,
      problems: [{ path: 'b.txt', kind: 'hash' }]
    })
    await call('package_patch', { package: 'lab/damaged', set: [{ path: 'b.txt', text: 'two' }] })
    expect(await call('package_verify', { package: 'lab/damaged' })).toMatchObject({ intact: true })
  })

  test('share a file, and delete what is no longer needed', async () => {
    await publish('lab/gone', { 'a.txt': 'shared' })
    const uri = `quilt+${ground.registry}#package=lab/gone&path=a.txt`
    const { url } = await call('object_link', { uri, expires: 60 })
    if (place === 's3') expect(await (await fetch(String(url))).text()).toBe('shared')
    else expect(url).toMatch(/^file:/)
    expect(await assistant.refusal('package_delete', { package: 'lab/gone', confirm: 'yes' })).toMatchObject({
      code: 'not-confirmed'
    })
    await call('package_delete', { package: 'lab/gone', confirm: 'lab/gone' })
    expect(await assistant.refusal('package_inspect', { package: 'lab/gone' })).toMatchObject({
      code: 'package-not-found'
    })
  })
})

/** What the Python client answered, as plain JSON. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, member]) => [key, plain(member)]))
  if (Array.isArray(value)) return value.map(plain)
  return typeof value === 'bigint' ? Number(value) : value
}
