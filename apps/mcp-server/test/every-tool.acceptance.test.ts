import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ensurePython, reportMissing } from '@fast-mcp/quilt/test/python/environment.ts'
import { MotoServer } from '@fast-mcp/quilt/test/python/processes.ts'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tools } from '../src/tools/index.ts'
import { bucketGround, localGround } from './grounds.ts'
import { openDoor, type Door } from './scenario-client.ts'

// Every tool once and more, through a real client on every door: on a folder, a bucket and the sample registry.

const doors: readonly Door[] = ['http', 'sessions', 'stdio', 'modern']
const names = tools.map(({ name }) => name).sort()
const python = await ensurePython()
reportMissing('every tool on buckets of moto', python)
const places = (['local', 's3'] as const).filter((place) => place === 'local' || !('missing' in python))

const folder = await realpath(await mkdtemp(join(tmpdir(), 'every-tool-')))
let moto: MotoServer | undefined

beforeAll(async () => {
  if (!('missing' in python)) moto = await MotoServer.start(python.interpreter)
})
afterAll(async () => {
  await moto?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

describe.each(doors)('through %s', (door) => {
  test.each(places)('every tool does its work on %s', async (place) => {
    const name = `${place}-${door}`
    const ground =
      place === 'local'
        ? await localGround(folder, name)
        : await bucketGround(folder, name, moto?.endpoint ?? '')
    const { registry, inbox } = ground
    await ground.put('run/table.csv', 'a,b\n1,2\n')
    await ground.put('run/notes.md', '# Notes\n')
    await using assistant = await openDoor(door, ground.environment)
    const called = new Set<string>()
    const call = async (tool: string, args: Record<string, unknown> = {}) => {
      called.add(tool)
      return await assistant.call(tool, args)
    }

    expect(await call('server_status')).toMatchObject({ name: 'quilt-mcp' })
    expect(await call('auth_status')).toMatchObject({ backends: [{ name: place, authenticated: true }] })
    expect(await call('buckets_list')).toMatchObject({ buckets: [{ uri: registry }, { uri: inbox }] })
    expect(await call('catalog_info')).toMatchObject({ default_registry: registry })
    expect(await call('workflows_list', { registry })).toMatchObject({ workflows: [] })
    expect(await call('packages_list', { registry })).toMatchObject({ packages: [] })

    const made = await call('package_create_from_prefix', {
      package: 'lab/run',
      source: `${inbox}/run/`,
      message: 'Run'
    })
    expect(made).toMatchObject({ counts: { added: 4 } })
    expect(
      await call('package_create', { package: 'lab/notes', entries: [{ path: 'a.txt', text: 'one' }] })
    ).toMatchObject({ added: ['a.txt'] })
    const patched = await call('package_patch', {
      package: 'lab/run',
      set: [{ path: 'extra/b.txt', text: 'two', meta: { cell: 'HeLa' } }],
      remove: ['notes.md']
    })
    expect(patched).toMatchObject({ added: ['extra/b.txt'], removed: ['notes.md'] })

    expect(await call('packages_list', { registry })).toMatchObject({
      packages: [{ name: 'lab/notes' }, { name: 'lab/run' }]
    })
    expect(await call('package_inspect', { package: 'lab/run' })).toMatchObject({
      top_hash: patched['top_hash']
    })
    expect(await call('package_browse', { package: 'lab/run', depth: 2 })).toMatchObject({
      top_hash: patched['top_hash']
    })
    const { revisions } = await call('package_versions', { package: 'lab/run' })
    expect(revisions).toContainEqual(
      expect.objectContaining({ pointer: 'latest', top_hash: patched['top_hash'] })
    )
    expect(await call('package_diff', { package: 'lab/run', from: made['top_hash'] })).toMatchObject({
      counts: { added: 1, deleted: 1 }
    })
    expect(await call('package_verify', { package: 'lab/run' })).toMatchObject({ intact: true })
    expect(await call('search', { query: 'extra', in: 'entries' })).toMatchObject({
      results: [{ package: 'lab/run', path: 'extra/b.txt' }]
    })
    expect(await call('catalog_uri', { package: 'lab/run', path: 'table.csv' })).toMatchObject({
      uri: `quilt+${registry}#package=lab/run&path=table.csv`
    })
    expect(
      await call('catalog_url', {
        registry: 's3://example',
        package: 'lab/run',
        catalog: 'open.quiltdata.com'
      })
    ).toMatchObject({ url: expect.stringContaining('https://open.quiltdata.com/b/example/packages/lab/run') })

    const uri = `${registry}/loose/c.txt`
    expect(await call('objects_put', { objects: [{ uri, text: 'three' }] })).toMatchObject({
      results: [{ uri }]
    })
    expect(await call('objects_list', { uri: `${registry}/loose/` })).toMatchObject({ objects: [{ uri }] })
    expect(await call('object_info', { uri })).toMatchObject({ size: 5 })
    expect(await call('object_read', { uri })).toMatchObject({ content: 'three' })
    expect(await call('object_link', { uri, expires: 60 })).toMatchObject({ url: expect.any(String) })

    expect(
      await call('package_rollback', { package: 'lab/run', revision: String(made['top_hash']) })
    ).toMatchObject({ top_hash: made['top_hash'], previous: patched['top_hash'] })
    await call('package_delete', { package: 'lab/notes', confirm: 'lab/notes' })
    expect(await call('packages_list', { registry })).toMatchObject({ packages: [{ name: 'lab/run' }] })
    expect([...called].sort()).toEqual(names)
  })

  test('every example of every tool is right on the sample registry', async () => {
    await using assistant = await openDoor(door, {})
    for (const { name, examples } of tools)
      for (const example of examples)
        expect([name, await assistant.call(name, { ...example })]).toEqual([name, expect.any(Object)])
  })
})
